package web

import "testing"

func TestSentence(t *testing.T) {
	for text, want := range map[string]string{
		"the name is missing":                 "The name is missing.",
		"ärger!":                              "Ärger!",
		"anna@acme.example is taken":          "anna@acme.example is taken.", // an address has no capital
		" choose a contact of ben@x.example ": "Choose a contact of ben@x.example.",
		"":                                    "",
	} {
		if got := sentence(text); got != want {
			t.Errorf("sentence(%q) = %q, want %q", text, got, want)
		}
	}
}
