package message

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// readReportMail reads a mail into what ParseReport looks at; want is its X-Want field, the summary of what it reports.
func readReportMail(t *testing.T, file string) (in ReportInput, want string) {
	t.Helper()
	m := readMail(t, file)
	in = ReportInput{ContentType: m.Header.Get("Content-Type"), Header: m.Header.Get, Subject: m.Subject, Text: m.Text}
	if len(m.From) > 0 {
		in.From = m.From[0]
	}
	for _, p := range m.Parts {
		body, err := io.ReadAll(p.Open())
		if err != nil {
			t.Fatalf("%s: part %s: %v", file, p.Path, err)
		}
		in.Parts = append(in.Parts, ReportPart{p.MediaType, body})
	}
	return in, m.Header.Get("X-Want")
}

func reportSummary(r Report, ok bool) string {
	if !ok {
		return "no"
	}
	words := []string{r.Kind, "id=" + r.MessageID}
	for _, who := range r.Recipients {
		words = append(words, who.Address+"/"+who.Status)
	}
	return strings.Join(words, " ")
}

func TestReportGoldens(t *testing.T) {
	for _, file := range testFiles(t, "../testdata/report/*.eml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			in, want := readReportMail(t, file)
			r, ok := ParseReport(in)
			if got := reportSummary(r, ok); got != want {
				t.Errorf("got  %s\nwant %s\nfrom %+v\n%s", got, want, r, in.Text)
			}
			if ok && len(r.OriginalFrom) > 0 && (r.OriginalFrom[0].Addr != "anna@agency.example" || r.OriginalSubject != "Offer 17") {
				t.Errorf("original: got %+v", r)
			}
		})
	}
}

func TestReportCorpus(t *testing.T) {
	want := map[string]string{
		"dsn_testdata_delayed_dsn.raw.eml":                    "delayed id= thomas@de-montfort.ac.uk/4.0.0",
		"dsn_testdata_dsn_with_multipart_alternative.raw.eml": "failed id= non-existing@example.com/5.1.10",
		"dsn_testdata_multi_recipient_dsn.raw.eml":            "failed id= arathib@vnet.ibm.com/5.0.0 johnh@hpnjld.njd.hp.com/4.0.0 wsnell@sdcc13.ucsd.edu/5.0.0",
		"dsn_testdata_simple_dsn.raw.eml":                     "failed id= louisl@larry.slip.umd.edu/4.0.0",
		"dsn_testdata_simple_dsn_with_html.raw.eml":           "failed id= louisl@larry.slip.umd.edu/4.0.0",
	}
	for _, file := range corpusFiles(t, "real/dsn_*.eml") {
		in, _ := readReportMail(t, file)
		if got := reportSummary(ParseReport(in)); got != want[filepath.Base(file)] {
			t.Errorf("%s: got %q, want %q", file, got, want[filepath.Base(file)])
		}
	}
}

func TestReportAddressForms(t *testing.T) {
	tests := []struct{ value, want string }{
		{"rfc822; bob@client.example", "bob@client.example"},
		{"RFC822;<bob@client.example>", "bob@client.example"},
		{"rfc822;bob+40client.example", "bob@client.example"},
		{`utf-8; j\x{E1}n@client.example`, "ján@client.example"},
		{"bob@client.example", "bob@client.example"},
		{"x400; /G=Bob/C=GB/", "/G=Bob/C=GB/"},
		{"", ""},
	}
	for _, test := range tests {
		if got := reportTyped(test.value); got != test.want {
			t.Errorf("%q: got %q, want %q", test.value, got, test.want)
		}
	}
}

func TestReportIsLinear(t *testing.T) {
	for name, body := range hostileBodies() {
		header := func(string) string { return body }
		parts := []ReportPart{{"message/delivery-status", []byte(body)}, {"message/rfc822", []byte(body)}, {"message/feedback-report", []byte(body)}}
		checkLinear(t, name+", parts", func() {
			ParseReport(ReportInput{ContentType: "multipart/report", Header: header, Subject: body, Text: "user unknown\n" + body, Parts: parts})
		})
		checkLinear(t, name+", text", func() {
			ParseReport(ReportInput{ContentType: "text/plain", Header: header, Text: "user unknown\n" + body})
		})
	}
}
