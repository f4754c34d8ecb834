package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/store"
)

var (
	mutantCount = flag.Int("mutants", 200, "broken mails that TestMutants delivers")
	mutantSeed  = flag.Uint64("mutants.seed", 1, "what TestMutants draws them from")
)

// mutantPatience is how long the server may take over one mail. The reply to most comes within 10 ms.
const mutantPatience = time.Second

// TestMutants delivers broken mail over SMTP to a server on a database: each is accepted, kept byte for byte and
// explained, within a second. For thousands of them: go test -run Mutants ./cmd/blindcopy -mutants 5000.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("delivers many mails: not with -short")
	}
	m := newMutantRun(t)
	mails := mutantSources(t)
	for i := range *mutantCount {
		seed := *mutantSeed + uint64(i)
		r := rand.New(rand.NewPCG(seed, 0))
		source := mails[r.IntN(len(mails))]
		raw, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		mail := bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		if r.IntN(2) == 0 {
			mail = fromAnna(mail, seed)
		}
		broken, how := mutated(r, mail)
		m.deliver(r, fmt.Sprintf("mutant %d of %s, %s", seed, filepath.Base(source), how), broken)
	}
	m.world.must("check")
	m.world.must("relink", "--held")
	t.Logf("%d mutants of %d mails: %v; the slowest took %v", *mutantCount, len(mails), m.verdicts, m.slowest)
}

var ownFields = regexp.MustCompile(`(?im)^(?:From|Message-ID):.*\r\n(?:[ \t].*\r\n)*`)

// fromAnna makes a mail a new one of ours: a stranger's is held, a second sighting joins the first, and few rules look
// at either.
func fromAnna(mail []byte, id uint64) []byte {
	head := fmt.Sprintf("From: Anna Sommer <anna@acme.example>\r\nMessage-ID: <mutant-%d@acme.example>\r\n", id)
	return append([]byte(head), ownFields.ReplaceAll(mail, nil)...)
}

// mutantSources are our own test mails, and those of the corpus where it is.
func mutantSources(t *testing.T) (mails []string) {
	t.Helper()
	for _, pattern := range []string{"../../testdata/mail/*.eml", "../../testdata/report/*.eml", "../../../shared/corpus/*/*.eml"} {
		files, _ := filepath.Glob(pattern)
		mails = append(mails, files...)
	}
	if len(mails) == 0 {
		t.Fatal("no mail in testdata")
	}
	return mails
}

// mutantRun is a server and a client that speaks to it, with an eye on its database.
type mutantRun struct {
	t        *testing.T
	world    *world
	server   *running
	office   *office
	senders  []string
	rcpts    []string
	text     *textproto.Conn
	sent     int // on this connection
	verdicts map[crm.Verdict]int
	slowest  time.Duration
}

func newMutantRun(t *testing.T) *mutantRun {
	t.Helper()
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben Client", "--email", "ben@client.example", "--company", "Client GmbH")
	w.must("deal", "add", "--title", "One", "--contact", "1")
	w.must("exclusion", "add", "private.example")
	bcc := w.bcc("anna@acme.example")
	local, domain, _ := strings.Cut(bcc, "@")
	m := &mutantRun{t: t, world: w, server: w.serve(), verdicts: map[crm.Verdict]int{}}
	m.rcpts = []string{bcc, bcc, local + "+deal1+private@" + domain, local + "+fw+nolead+what@" + domain}
	m.senders = []string{"anna@acme.example", "anna@acme.example", "ben@client.example", ""}
	a := newApp(w.env, strings.NewReader(""), io.Discard, io.Discard)
	a.configFile = w.file()
	cfg, err := a.config()
	if err != nil {
		t.Fatal(err)
	}
	m.office, err = a.openOffice(t.Context(), cfg, store.Options{ReadOnly: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.office.close() })
	return m
}

// deliver sends one mail and looks at what became of it.
func (m *mutantRun) deliver(r *rand.Rand, name string, mail []byte) {
	m.t.Helper()
	from, to := m.senders[r.IntN(len(m.senders))], m.rcpts[r.IntN(len(m.rcpts))]
	start := time.Now()
	code, reply := m.send(from, to, mail)
	took := time.Since(start)
	if took > mutantPatience { // the machine may have been busy
		start = time.Now()
		m.send(from, to, append([]byte("X-Again: yes\r\n"), mail...))
		took = min(took, time.Since(start))
	}
	m.slowest = max(m.slowest, took)
	if took > mutantPatience {
		m.t.Errorf("%s: took %v, want at most %v", name, took, mutantPatience)
	}
	if code == 554 && bytes.Count(bytes.ToLower(mail), []byte("received:")) >= 100 {
		m.verdicts[crm.Refused]++
		return // a loop, and it says so
	}
	words := strings.Fields(reply)
	if code != 250 || len(words) < 3 {
		m.t.Errorf("%s: reply %d %q", name, code, reply)
		return
	}
	in, err := m.office.store.Intake(m.t.Context(), crm.IntakeID(words[1]))
	if err != nil {
		m.t.Errorf("%s: intake %s: %v", name, words[1], err)
		return
	}
	m.verdicts[in.Verdict]++
	if !bytes.HasSuffix(mail, []byte("\r\n")) {
		mail = append(mail, "\r\n"...) // as DATA does
	}
	m.checkKept(name, &in, mail)
	m.checkExplained(name, &in)
}

// send gives the reply to the final dot, or the first that is none of those wanted.
func (m *mutantRun) send(from, to string, mail []byte) (code int, reply string) {
	m.t.Helper()
	if m.text == nil || m.sent >= 50 {
		m.dial()
	}
	m.sent++
	for _, step := range []struct {
		line string
		want int
	}{{"MAIL FROM:<" + from + "> BODY=8BITMIME", 250}, {"RCPT TO:<" + to + ">", 250}, {"DATA", 354}} {
		if code, reply = m.say(step.line+"\r\n", step.want); code != step.want {
			return code, reply
		}
	}
	data := bytes.ReplaceAll(mail, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(data, []byte(".")) {
		data = append([]byte("."), data...)
	}
	if !bytes.HasSuffix(data, []byte("\r\n")) {
		data = append(data, "\r\n"...)
	}
	return m.say(string(data)+".\r\n", 250)
}

func (m *mutantRun) dial() {
	m.t.Helper()
	if m.text != nil {
		_ = m.text.Close()
	}
	conn, err := net.Dial("tcp", m.server.smtp)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = conn.Close() })
	m.text, m.sent = textproto.NewConn(conn), 0
	if _, _, err := m.text.ReadResponse(220); err != nil {
		m.t.Fatal(err)
	}
	m.say("EHLO client.example\r\n", 250)
}

func (m *mutantRun) say(line string, want int) (code int, reply string) {
	m.t.Helper()
	if _, err := m.text.W.WriteString(line); err != nil {
		m.t.Fatal(err)
	}
	if err := m.text.W.Flush(); err != nil {
		m.t.Fatal(err)
	}
	code, reply, err := m.text.ReadResponse(want)
	if _, refused := err.(*textproto.Error); err != nil && !refused {
		m.t.Fatalf("%.80q: %v", line, err)
	}
	return code, reply
}

// checkKept: the bytes are those that were sent, wherever the content is kept at all.
func (m *mutantRun) checkKept(name string, in *crm.Intake, sent []byte) {
	m.t.Helper()
	if in.Size != int64(len(sent)) {
		m.t.Errorf("%s: %d bytes, sent %d", name, in.Size, len(sent))
	}
	if !in.Kept {
		if in.Verdict != crm.Ignored {
			m.t.Errorf("%s: %s, and its content is not kept", name, in.Verdict)
		}
		return
	}
	raw, err := m.office.store.Raw(m.t.Context(), in.ID)
	if err != nil {
		m.t.Errorf("%s: raw mail of %s: %v", name, in.ID, err)
		return
	}
	if raw.Release != nil {
		defer raw.Release()
	}
	if !bytes.Equal(raw.Bytes, sent) {
		m.t.Errorf("%s: kept %d bytes, sent %d", name, len(raw.Bytes), len(sent))
	}
}

// checkExplained: there is a reason, each reason has its sentence, and all that is shown is text.
func (m *mutantRun) checkExplained(name string, in *crm.Intake) {
	m.t.Helper()
	if len(in.Codes) == 0 || in.Verdict == "" {
		m.t.Errorf("%s: %s of %q", name, in.ID, in.Verdict)
	}
	for _, code := range in.Codes {
		if code == crm.InternalError || !slices.Contains(crm.Codes(), code) {
			m.t.Errorf("%s: code %q: %+v", name, code, in.Steps)
		}
	}
	var activities []crm.Activity
	for _, id := range in.ActivityIDs {
		act, err := m.office.store.Activity(m.t.Context(), id)
		if err == nil {
			act, err = m.office.withContent(context.WithoutCancel(m.t.Context()), act)
		}
		if err != nil {
			m.t.Errorf("%s: activity %d: %v", name, id, err)
			return
		}
		activities = append(activities, act)
		checkStrings(m.t, name, "activity", reflect.ValueOf(act))
	}
	if linker.Explain(in, activities) == "" {
		m.t.Errorf("%s: %s is not explained", name, in.ID)
	}
	checkStrings(m.t, name, "intake", reflect.ValueOf(*in))
}

// checkStrings looks at every text in v: JSON would hide what is no UTF-8, and PostgreSQL refuses NUL.
func checkStrings(t *testing.T, name, where string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); !utf8.ValidString(s) || strings.Contains(s, "\x00") {
			t.Errorf("%s: %s is no text: %q", name, where, s)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			checkStrings(t, name, where, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkStrings(t, name, where, v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			checkStrings(t, name, where+"."+key.String(), v.MapIndex(key))
		}
	case reflect.Struct:
		if _, isTime := v.Interface().(time.Time); isTime {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				checkStrings(t, name, where+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	}
}
