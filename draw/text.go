package draw

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"paxon/register"
	"paxon/tob"
)

const (
	fontSize   = 9.0
	glyphWidth = 0.61 * fontSize // Of a font of fixed width; the common ones have 0.60 em.
	lineHeight = 11.0
	maxLabel   = 36 // Runes of a label; the title has the rest.
)

// textWidth is how wide a line of text is, in pixels.
func textWidth(text string) float64 { return float64(cells(text)) * glyphWidth }

// cells is how many columns a text takes in a font of fixed width.
func cells(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) {
			n++
		}
	}
	return n
}

// shorten cuts a text to a number of runes.
func shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return string(runes[:most-1]) + "…"
}

// pretty shows a trace's text to people: of values that are batches the messages, and of long
// values the beginning.
func pretty(text string) string {
	var b strings.Builder
	for {
		before, _, found := strings.Cut(text, `"`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		text = text[len(before):]
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			b.WriteString(text)
			return b.String()
		}
		text = text[len(quoted):]
		shown, rest := prettyValue(quoted, text)
		b.WriteString(shown)
		text = rest
	}
}

// prettyValue shows one value, of which perhaps only the beginning is there: then what follows
// it begins with "…(" and its length.
func prettyValue(quoted, after string) (shown, rest string) {
	const most = 10
	value, err := strconv.Unquote(quoted)
	if err != nil {
		return quoted, after
	}
	length, beyond, cut := strings.Cut(after, ")")
	cut = cut && strings.HasPrefix(length, "…(")
	if !printable(value) {
		described := tob.Describe(register.Value(value))
		switch {
		case cut:
			return strings.TrimPrefix(length, "…("), beyond
		case described == register.Value(value).String():
			return strconv.Itoa(len(value)) + " bytes", after
		case described == "no-op":
			return described, after
		default:
			return pretty(described), after
		}
	}
	if begins := strings.TrimRight(value, "."); cut || len(begins)+3 < len(value) { // Padded.
		value = begins + "…"
	}
	if cut {
		after = beyond
	}
	return `"` + shorten(value, most) + `"`, after
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsPrint(r)
	})
}

// instanceOf finds the instance that a message names, such as 3 in "READ(L3,1.p1.1)"; 0 for none.
func instanceOf(text string) register.Instance {
	_, rest, found := strings.Cut(text, "(L")
	if !found {
		return 0
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		return 0
	}
	l, err := strconv.ParseUint(rest[:end], 10, 64)
	if err != nil {
		return 0
	}
	return register.Instance(l)
}

// name is what stands before the parentheses of a text, such as READ.
func name(text string) string {
	name, _, _ := strings.Cut(text, "(")
	return name
}

// splitCall gives of "write(1.p1.1, x) commit" what names the call, "write(1.p1.1", and what
// follows the parentheses. The value in them may hold parentheses itself.
func splitCall(text string) (call, outcome string) {
	call = text
	if i := strings.IndexAny(text, ",)"); i >= 0 {
		call = text[:i]
	}
	if strings.HasPrefix(text[len(call):], ")") {
		outcome = strings.TrimSpace(text[len(call)+1:])
	}
	return strings.ReplaceAll(call, " ", ""), outcome
}

func number[T ~uint64](n T) string { return strconv.FormatUint(uint64(n), 10) }
