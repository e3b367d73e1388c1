package static

import "bytes"

// minify drops comments and the white space CSS does not need. It is meant for
// our own sources alone: it knows comments and quoted strings, leaves strings
// as they are, and never touches the space around + and - that calc() wants.
func minify(css []byte) []byte {
	out := make([]byte, 0, len(css))
	for i := 0; i < len(css); {
		switch c := css[i]; {
		case bytes.HasPrefix(css[i:], []byte("/*")):
			i = afterComment(css, i)
		case c == '"' || c == '\'':
			end := afterString(css, i)
			out = append(out, css[i:end]...)
			i = end
		case isSpace(c):
			i = afterSpace(css, i)
			out = appendSpace(out)
		default:
			out = appendSign(out, c)
			i++
		}
	}
	return bytes.TrimSpace(out)
}

// appendSpace adds one space where the sign before it still needs one.
func appendSpace(out []byte) []byte {
	if len(out) == 0 || bytes.IndexByte([]byte(" {};,:"), out[len(out)-1]) >= 0 {
		return out
	}
	return append(out, ' ')
}

// appendSign adds a sign, without the space and the last semicolon before it.
func appendSign(out []byte, c byte) []byte {
	if n := len(out); n > 0 && out[n-1] == ' ' && bytes.IndexByte([]byte("{};,"), c) >= 0 {
		out = out[:n-1]
	}
	if n := len(out); c == '}' && n > 0 && out[n-1] == ';' {
		out = out[:n-1]
	}
	return append(out, c)
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func afterSpace(css []byte, i int) int {
	for i < len(css) && isSpace(css[i]) {
		i++
	}
	return i
}

func afterComment(css []byte, i int) int {
	end := bytes.Index(css[i+2:], []byte("*/"))
	if end < 0 {
		return len(css)
	}
	return i + 2 + end + 2
}

func afterString(css []byte, i int) int {
	for j := i + 1; j < len(css); j++ {
		if css[j] == '\\' {
			j++
		} else if css[j] == css[i] {
			return j + 1
		}
	}
	return len(css)
}

// bare drops the lines of a script that are comments, and indents. It is meant
// for our own sources alone, in which no text goes over several lines.
func bare(script []byte) []byte {
	out := make([]byte, 0, len(script))
	for line := range bytes.Lines(script) {
		line = bytes.TrimLeft(line, " ")
		if !bytes.HasPrefix(line, []byte("//")) && len(bytes.TrimSpace(line)) > 0 {
			out = append(out, line...)
		}
	}
	return out
}
