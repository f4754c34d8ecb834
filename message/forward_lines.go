package message

import (
	"strings"
)

// forwardLine is one line of a body, seen twice: as a person reads it, and as it may be copied.
type forwardLine struct {
	depth int    // number of leading quote marks ">"
	text  string // without quote marks and invisible characters, odd spaces made plain, trimmed
	raw   string // without quote marks, trailing white space cut
}

// forwardMaxLines keeps a body of bare line feeds from growing forty times in memory.
const forwardMaxLines = 400_000

// forwardLines splits a text body, looking at its first forwardLimit bytes.
func forwardLines(text string) []forwardLine {
	text = cutString(text, forwardLimit)
	lines := make([]forwardLine, 0, min(strings.Count(text, "\n")+1, forwardMaxLines))
	for len(lines) < forwardMaxLines {
		line, rest, more := strings.Cut(text, "\n")
		lines = append(lines, forwardReadLine(line))
		if !more {
			break
		}
		text = rest
	}
	return lines
}

// forwardInvisible stands before quote marks in mail of languages written from right to left, and at the top of files.
const forwardInvisible = "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c"

func forwardReadLine(line string) forwardLine {
	line = strings.TrimLeft(strings.TrimRight(line, " \t\r"), forwardInvisible)
	depth, rest := forwardUnquote(line, -1)
	clean := plainText(rest)
	if clean == "" {
		rest = ""
	}
	return forwardLine{depth: depth, text: clean, raw: rest}
}

// forwardUnquote takes up to limit quote marks off a line; a negative limit takes all. Each mark may have blanks before
// it and owns one blank after it.
func forwardUnquote(line string, limit int) (depth int, rest string) {
	for depth != limit {
		mark := strings.TrimLeft(line, " \t")
		if len(line)-len(mark) > 3 || !strings.HasPrefix(mark, ">") {
			break
		}
		line = strings.TrimPrefix(mark[1:], " ")
		depth++
	}
	return depth, line
}

// forwardNextText finds the first line with text at or below i, passing at most blanks empty lines.
func forwardNextText(lines []forwardLine, i, blanks int) (int, bool) {
	for ; i < len(lines) && blanks >= 0; i, blanks = i+1, blanks-1 {
		if lines[i].text != "" {
			return i, true
		}
	}
	return 0, false
}
