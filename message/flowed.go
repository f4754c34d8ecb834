package message

import "strings"

// unflow joins the lines of a text with format=flowed (RFC 3676 §4): a line that ends in a space goes on in the next
// one of the same quote depth. delsp tells that this space is not part of the text.
func unflow(text string, delsp bool) string {
	var out strings.Builder
	out.Grow(len(text))
	flowing, depth := false, 0
	for len(text) > 0 {
		line, rest, found := strings.Cut(text, "\n")
		text = rest
		quotes, content := splitQuotes(line)
		signature := content == "-- " // RFC 3676 §4.3
		if flowing && (quotes != depth || signature) {
			out.WriteByte('\n')
			flowing = false
		}
		if !flowing && quotes > 0 {
			out.WriteString(strings.Repeat(">", quotes))
			out.WriteByte(' ')
		}
		depth = quotes
		flowing = strings.HasSuffix(content, " ") && !signature
		if flowing && delsp {
			content = content[:len(content)-1]
		}
		out.WriteString(content)
		if !flowing && found {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// splitQuotes takes the quote marks and the space of stuffing (RFC 3676 §4.4) off a line.
func splitQuotes(line string) (depth int, content string) {
	content = strings.TrimLeft(line, ">")
	return len(line) - len(content), strings.TrimPrefix(content, " ")
}

// stripEnriched makes plain text of text/enriched (RFC 1896) and of its ancestor text/richtext (RFC 1341).
func stripEnriched(text string) string {
	var out strings.Builder
	params := true // there may be another </param>
	for {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:i])
		text = text[i:]
		if strings.HasPrefix(text, "<<") {
			out.WriteByte('<')
			text = text[2:]
			continue
		}
		end := strings.IndexByte(text, '>')
		if end < 0 || end > 64 { // no command is that long (RFC 1896 §3: 60)
			out.WriteByte('<')
			text = text[1:]
			continue
		}
		switch command := strings.ToLower(text[1:end]); command {
		case "nl":
			out.WriteByte('\n')
		case "lt":
			out.WriteByte('<')
		case "param":
			var after string
			if params {
				_, after, params = strings.Cut(text, "</param>")
			}
			if params {
				text, end = after, -1
			}
		}
		text = text[end+1:]
	}
}
