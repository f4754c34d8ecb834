package message

import (
	"html"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// forwardVariants change a mail as clients, gateways and people do, without changing what it says.
var forwardVariants = []struct {
	name   string
	change func(ForwardInput) ForwardInput
}{
	{"CRLF line ends", forwardTextVariant(func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })},
	{"bold labels", forwardLabelVariant("*$2:* ")},
	{"double bold labels", forwardLabelVariant("**$2:** ")},
	{"bold label and blank", forwardLabelVariant("*$2: *")},
	{"bold without colon", forwardLabelVariant("*$2*: ")},
	{"no-break space before colon", forwardLabelVariant("$2\u00a0: ")},
	{"full-width colon", forwardLabelVariant("$2：")},
	{"no space behind the colon", forwardLabelVariant("$2:")},
	{"tab behind the colon", forwardLabelVariant("$2:\t")},
	{"table bars", forwardLabelVariant("| $2: | ")},
	{"labels in a language nobody listed", forwardTextVariant(func(s string) string {
		return forwardLabelPattern.ReplaceAllStringFunc(s, func(match string) string {
			label, rest, _ := strings.Cut(match, ":")
			return regexp.MustCompile(`\pL`).ReplaceAllString(label, "ѫ") + ":" + rest
		})
	})},
	{"addresses linked", forwardReplaceVariant(`<([^<>@\s]+@[^<>@\s]+)>`, "<$1<mailto:$1>>")},
	{"wrapped inside brackets", forwardReplaceVariant(`(\n[^\n]{1,60}) <([^<>@\s]+@[^<>@\s]+)>\n`, "$1 <\n$2>\n")},
	{"wrapped before brackets", forwardReplaceVariant(`(\n[^\n]{1,60}) <([^<>@\s]+@[^<>@\s]+)>\n`, "$1\n<$2>\n")},
	{"wrapped after a comma", forwardReplaceVariant(`(@[a-z.]+>[,;]) `, "$1\n")},
	{"quoted once more", forwardTextVariant(func(s string) string { return "> " + strings.ReplaceAll(s, "\n", "\n> ") })},
	{"blank lines above", forwardTextVariant(func(s string) string { return "\n\n \n" + s })},
	{"footer with a rule below", forwardTextVariant(func(s string) string {
		return s + "\n________________________________\nFrom: us\nTo: you\nThis mail is confidential.\n"
	})},
	{"a reply quoted below", forwardTextVariant(func(s string) string {
		return s + "\nOn Mon, 1 Jan 2024 at 10:00, Zoe <zoe@other.example> wrote:\n> hi\n"
	})},
	{"another forward below", forwardTextVariant(func(s string) string {
		return s + "\n---------- Forwarded message ---------\nFrom: Zoe <zoe@other.example>\nDate: Mon, 1 Jan 2024 at 10:00\nSubject: x\nTo: y@other.example\n\nhi\n"
	})},
	{"as HTML", func(in ForwardInput) ForwardInput {
		return ForwardInput{Subject: in.Subject, HTML: forwardAsHTML(in.Text), Reply: in.Reply}
	}},
	{"as HTML beside the text", func(in ForwardInput) ForwardInput {
		in.HTML = forwardAsHTML(in.Text)
		return in
	}},
}

func forwardTextVariant(change func(string) string) func(ForwardInput) ForwardInput {
	return func(in ForwardInput) ForwardInput {
		in.Text = change(in.Text)
		return in
	}
}

func forwardReplaceVariant(pattern, with string) func(ForwardInput) ForwardInput {
	re := regexp.MustCompile(pattern)
	return forwardTextVariant(func(s string) string { return re.ReplaceAllString(s, with) })
}

var forwardLabelPattern = regexp.MustCompile(`(?m)^((?:> )?)(\p{L}[\p{L}() ]{0,24}?)[  ]?:[ \t]+(\S)`)

// forwardLabelVariant rewrites the labels of the corpus; its bodies hold no colons near the start of a line.
func forwardLabelVariant(with string) func(ForwardInput) ForwardInput {
	return forwardTextVariant(func(s string) string { return forwardLabelPattern.ReplaceAllString(s, "$1"+with+"$3") })
}

func forwardAsHTML(text string) string {
	text = html.EscapeString(text)
	text = regexp.MustCompile(`[\w.]+@[\w.]+\w`).ReplaceAllString(text, `<a href="mailto:$0">$0</a>`)
	return "<html><body><div dir=ltr>" + strings.ReplaceAll(text, "\n", "<br>\r\n") + "</div></body></html>"
}

func TestForwardCorpusSurvivesVariants(t *testing.T) {
	all := readForwardCorpus(t)
	for _, variant := range forwardVariants {
		t.Run(variant.name, func(t *testing.T) {
			right := 0
			for _, want := range all {
				in := variant.change(readForwardMail(t, filepath.Join(forwardCorpusDir, want.File)))
				got, ok := ParseForward(in)
				wrong := forwardMistakes(want, got, ok)
				if len(wrong) == 0 {
					right++
				} else {
					t.Logf("%s: %s", want.File, strings.Join(wrong, "\n\t"))
				}
			}
			score := 100 * float64(right) / float64(len(all))
			t.Logf("%.1f %%", score)
			if score < 95 {
				t.Errorf("score %.1f %%, want at least 95 %%", score)
			}
		})
	}
}
