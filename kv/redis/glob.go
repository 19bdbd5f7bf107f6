package redis

// match reports whether all of s is as a pattern of Redis says: * is any bytes, ? is one, [a-c],
// [abc] and [^abc] are one of a class, a backslash takes the next byte as it is. It takes at most
// len(pattern) * len(s) steps.
func match(pattern, s string) bool {
	// On a mismatch only the last star matters: whatever it takes, the earlier ones need not.
	star, from := -1, 0 // The pattern behind the last star, and where in s that is being tried.
	p, i := 0, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			p++
			star, from = p, i
			continue
		}
		if p < len(pattern) {
			if size, ok := matchOne(pattern[p:], s[i]); ok {
				p += size
				i++
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		p, i = star, from
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches c with what the pattern, which does not begin with a star, has for one byte,
// and says how long that is.
func matchOne(pattern string, c byte) (size int, ok bool) {
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		return matchClass(pattern, c)
	case '\\':
		if len(pattern) > 1 {
			return 2, pattern[1] == c
		}
	}
	return 1, pattern[0] == c
}

// matchClass is matchOne for a class. One that is not closed ends with the pattern.
func matchClass(pattern string, c byte) (size int, ok bool) {
	p := 1
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	found := false
	for ; p < len(pattern); p++ {
		switch {
		case pattern[p] == '\\' && p+1 < len(pattern):
			p++
			found = found || pattern[p] == c
		case pattern[p] == ']':
			return p + 1, found != not
		case p+2 < len(pattern) && pattern[p+1] == '-':
			low, high := min(pattern[p], pattern[p+2]), max(pattern[p], pattern[p+2])
			found = found || low <= c && c <= high
			p += 2
		default:
			found = found || pattern[p] == c
		}
	}
	return len(pattern), found != not
}
