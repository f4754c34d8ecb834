package message

import (
	"strings"
	"unicode"
)

// forwardSpan is where a date stands in a line; end 0 means nowhere.
type forwardSpan struct{ start, end int }

// forwardDateSpan finds the date of an attribution line: from its first to its last number, and the half of the day or
// zone behind. Digits in mail addresses do not count. Either date and time must be there, or one of them and a word for
// "wrote".
func forwardDateSpan(s string) forwardSpan {
	if !strings.ContainsFunc(s, unicode.IsDigit) { // most lines that end in a colon: spare the look at their words
		return forwardSpan{}
	}
	tokens := forwardTokens(forwardBlankQuoted(forwardBlankAddresses(s)))
	r := forwardDateReader{tokens: tokens}
	r.run()
	dated := r.tripleSign != 0 || r.year != 0 || r.month != 0 && len(r.loose) > 0
	if !dated && !r.clock || (!dated || !r.clock) && !forwardHasVerb(s) {
		return forwardSpan{}
	}
	var span forwardSpan
	for i, t := range tokens {
		if t.digits == 0 {
			continue
		}
		if span.end == 0 {
			span.start = t.at
		}
		span.end = forwardSpanEnd(tokens, i)
	}
	return span
}

// forwardSpanEnd includes what belongs to the last number: "AM", "p. m.", "CET", "г.", "年".
func forwardSpanEnd(tokens []forwardToken, i int) int {
	end := tokens[i].end
	for i++; i < len(tokens); i++ {
		t := tokens[i]
		_, zone := zoneNames[t.word]
		switch {
		case t.sign == '.' || t.sign == ')' && t.at == end:
			if t.at == end {
				end = t.end
			}
			continue
		case zone, forwardDayHalves[t.word] > 0, t.word == "г", t.word == "р", t.word == "uhr", t.word == "h", t.word == "a", t.word == "p", t.word == "m",
			t.word == "μ", t.word == "π", t.word == "日", t.word == forwardDayKo:
			end = t.end
			continue
		}
		return end
	}
	return end
}

// forwardBlankAddresses replaces the mail addresses of s by blanks of the same length.
func forwardBlankAddresses(s string) string {
	from := 0
	for {
		first, last := forwardFindAddress(s, from)
		if first < 0 {
			return s
		}
		s = s[:first] + strings.Repeat(" ", last-first) + s[last:]
		from = last
	}
}

// forwardBlankQuoted does the same to what stands in quotes: it is a name, also where it is "Team 24".
func forwardBlankQuoted(s string) string {
	for _, q := range forwardNameQuotes {
		for from := 0; ; {
			_, inner, ok := strings.Cut(s[from:], q[0])
			if !ok {
				break
			}
			start := len(s) - len(inner)
			n := strings.Index(inner, q[1])
			if n < 0 {
				break
			}
			s = s[:start] + strings.Repeat(" ", n) + s[start+n:]
			from = start + n + len(q[1])
		}
	}
	return s
}

// forwardNameQuotes are put around names in attributions.
var forwardNameQuotes = [][2]string{{`"`, `"`}, {"„", "”"}, {"„", "“"}, {"“", "”"}, {"«", "»"}}
