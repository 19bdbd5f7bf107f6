package redis

import "bytes"

// errQuotes is what Redis says of a line that it cannot take apart.
const errQuotes = protocolError("unbalanced quotes in request")

// split takes a line apart into arguments as a terminal's user types them: between spaces, or in
// quotes; in double quotes \n, \r, \t, \b, \a, \xHH and a backslash before anything else are
// escapes, in single ones only \'. The arguments do not share the line's memory.
func split(line []byte) ([][]byte, error) {
	line, _, _ = bytes.Cut(line, []byte{0}) // To Redis the line is a string of C.
	var args [][]byte
	for {
		for len(line) > 0 && isSpace(line[0]) {
			line = line[1:]
		}
		if len(line) == 0 {
			return args, nil
		}
		arg, rest, err := splitOne(line)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		line = rest
	}
}

// splitOne takes off the first argument. A quote may begin in the middle, and ends the argument.
func splitOne(line []byte) (arg, rest []byte, err error) {
	arg = []byte{}
	for i, c := range line {
		switch {
		case isSpace(c):
			return arg, line[i:], nil
		case c == '"' || c == '\'':
			quoted, after, ok := unquote(line[i+1:], c)
			if !ok || len(after) > 0 && !isSpace(after[0]) {
				return nil, nil, errQuotes
			}
			return append(arg, quoted...), after, nil
		default:
			arg = append(arg, c)
		}
	}
	return arg, nil, nil
}

// unquote reads up to the closing quote.
func unquote(b []byte, quote byte) (text, after []byte, ok bool) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == quote:
			return text, b[i+1:], true
		case c == '\\' && quote == '\'' && i+1 < len(b) && b[i+1] == '\'':
			i++
			c = '\''
		case c == '\\' && quote == '"' && i+3 < len(b) && b[i+1] == 'x' &&
			isHex(b[i+2]) && isHex(b[i+3]):
			c = hex(b[i+2])<<4 | hex(b[i+3])
			i += 3
		case c == '\\' && quote == '"' && i+1 < len(b):
			i++
			c = unescape(b[i])
		}
		text = append(text, c)
	}
	return nil, nil, false
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	default:
		return c
	}
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func hex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}
