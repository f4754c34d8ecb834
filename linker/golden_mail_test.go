package linker_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/message"
)

// letter is a mail that a story sent: once, or several times at the same instant.
type letter struct {
	raw     []byte
	refused string // the words of the refusal at RCPT
	ids     []crm.IntakeID
}

// delivery is the first line of a mail: the recipients, then what is odd about the way it came.
type delivery struct {
	rcpts    []string
	helo     string // "forged", "unproven", or trusted
	envelope *string
	times    int
	same     int // the mail whose bytes it repeats
	escapes  bool
}

// mail delivers a mail of the story: `anna+deal1 uwe; forged; envelope=x@y; at=2026-11-23 14:00;
// times=50; same=1; escapes`.
func (tn *town) mail(head, body string) {
	tn.t.Helper()
	d := tn.delivery(head)
	l := letter{raw: tn.bytes(body, d.escapes)}
	if d.same > 0 {
		l.raw = tn.letters[d.same-1].raw
	}
	tn.letters = append(tn.letters, l)
	at := len(tn.letters)
	if d.times > 1 {
		tn.letters[at-1].ids = tn.sendAtOnce(d, l.raw)
	} else if in, err := tn.inbound(d, l.raw); err != nil {
		tn.letters[at-1].refused = err.Error()
	} else {
		tn.takeAsTried(in)
		tn.letters[at-1].ids = []crm.IntakeID{in.ID}
	}
	for _, id := range tn.letters[at-1].ids {
		tn.names[id] = fmt.Sprintf("mail %d", at)
	}
	tn.clock.set(tn.clock.now().Add(time.Minute))
}

func (tn *town) delivery(head string) delivery {
	d := delivery{times: 1}
	parts := strings.Split(head, ";")
	d.rcpts = strings.Fields(parts[0])
	for _, option := range parts[1:] {
		key, value, _ := strings.Cut(strings.TrimSpace(option), "=")
		switch key {
		case "forged", "unproven":
			d.helo = key
		case "envelope":
			d.envelope = &value
		case "times":
			d.times, _ = strconv.Atoi(value)
		case "same":
			d.same, _ = strconv.Atoi(value)
		case "escapes":
			d.escapes = true
		case "at":
			at, err := time.Parse("2006-01-02 15:04", value)
			if err != nil {
				tn.t.Fatalf("-- mail %s --: %v", head, err)
			}
			tn.clock.set(at)
		default:
			tn.t.Fatalf("-- mail %s --: what is %q?", head, key)
		}
	}
	return d
}

var (
	bccMark  = regexp.MustCompile(`\{([a-z]+)\}`)
	byteMark = regexp.MustCompile(`\\x[0-9A-F]{2}`)
)

// bytes are the octets of a mail: CRLF at the ends of lines, {anna} her BCC address and, where the
// story says so, \xE9 that octet.
func (tn *town) bytes(body string, escapes bool) []byte {
	body = bccMark.ReplaceAllStringFunc(body, func(m string) string { return string(tn.user(m[1 : len(m)-1]).BCCAddress) })
	if escapes {
		body = byteMark.ReplaceAllStringFunc(body, func(m string) string {
			n, _ := strconv.ParseUint(m[2:], 16, 8)
			return string([]byte{byte(n)})
		})
	}
	return []byte(strings.ReplaceAll(body, "\n", "\r\n"))
}

// inbound is what the SMTP server hands to the linker. Its error is a refusal at RCPT.
func (tn *town) inbound(d delivery, raw []byte) (*crm.Inbound, error) {
	in := &crm.Inbound{ID: crm.IntakeID(ulid.Make().String()), ReceivedAt: tn.clock.now(), Via: crm.ViaSMTP, Helo: d.helo, Trusted: d.helo == ""}
	in.MailFrom = envelopeOf(d, raw)
	for _, rcpt := range d.rcpts {
		r, err := tn.linker.Resolve(tn.t.Context(), tn.path(rcpt))
		if err != nil {
			return nil, err
		}
		in.Recipients = append(in.Recipients, r)
	}
	spool := tn.store.NewSpool()
	if _, err := spool.Write(raw); err != nil {
		tn.t.Fatalf("spool: %v", err)
	}
	var err error
	if in.Raw, err = spool.Finish(); err != nil {
		tn.t.Fatalf("spool: %v", err)
	}
	return in, nil
}

// path is the forward path of `anna+deal1`; `anna~` is the address she had first. One with an @ is
// a path already.
func (tn *town) path(rcpt string) string {
	if strings.Contains(rcpt, "@") {
		return rcpt
	}
	name, tags, tagged := strings.Cut(rcpt, "+")
	if tagged {
		tags = "+" + tags
	}
	user := tn.user(strings.TrimSuffix(name, "~"))
	bcc := user.BCCAddress
	if strings.HasSuffix(name, "~") {
		bcc = user.BCCAddresses[len(user.BCCAddresses)-1].Address
	}
	return bcc.Local() + tags + "@" + bcc.Domain()
}

func envelopeOf(d delivery, raw []byte) string {
	if d.envelope != nil {
		return *d.envelope
	}
	for _, a := range message.Parse(raw, message.Limits{}).From {
		if a.Addr != "" {
			return a.Addr
		}
	}
	return "somebody@relay.example"
}

// takeAsTried takes a mail into custody, and holds `try` to its word: the same verdict, the same
// codes, the same links.
func (tn *town) takeAsTried(in *crm.Inbound) {
	tn.t.Helper()
	tried, err := tn.linker.Try(tn.t.Context(), in)
	if err != nil {
		tn.t.Fatalf("try: %v", err)
	}
	tn.take(in)
	taken, err := tn.store.Intake(tn.t.Context(), in.ID)
	if err != nil {
		tn.t.Fatalf("intake of what was taken: %v", err)
	}
	if tried.Verdict != taken.Verdict || !slices.Equal(tried.Codes, taken.Codes) || len(tried.WouldCreate) != len(taken.Created) {
		tn.t.Errorf("tried:  %s %v, %d records\n taken: %s %v, %d records\n mail: %s",
			tried.Verdict, tried.Codes, len(tried.WouldCreate), taken.Verdict, taken.Codes, len(taken.Created), in.Raw.Bytes)
	}
	tn.checkLinks(tried, taken)
	tn.checkTrace(taken)
	tn.checkRaw(taken, in.Raw.Bytes)
}

// take hands a mail to the linker, as the SMTP server does.
func (tn *town) take(in *crm.Inbound) crm.Receipt {
	tn.t.Helper()
	receipt, err := tn.linker.Take(tn.t.Context(), in)
	if err != nil {
		tn.t.Fatalf("take: %v\n%s", err, in.Raw.Bytes)
	}
	return receipt
}

// checkLinks holds the links that were announced against those there are.
func (tn *town) checkLinks(tried, taken crm.Intake) {
	tn.t.Helper()
	if taken.Verdict != crm.Filed {
		return
	}
	var there []crm.Link
	for _, id := range taken.ActivityIDs {
		act, err := tn.store.Activity(tn.t.Context(), id)
		if err != nil {
			tn.t.Fatal(err)
		}
		there = append(there, act.Links...)
	}
	for _, l := range tried.WouldLink {
		if !slices.ContainsFunc(there, func(h crm.Link) bool { return h.Ref() == l.Ref() && h.Code == l.Code && h.Source == l.Source }) {
			tn.t.Errorf("tried: a link %+v; there are: %+v", l, there)
		}
	}
}

// checkTrace: every intake says why, in codes of the closed set and in sentences.
func (tn *town) checkTrace(in crm.Intake) {
	tn.t.Helper()
	if len(in.Codes) == 0 {
		tn.t.Errorf("no code was said of %s (%s)", in.ID, in.Verdict)
	}
	known := crm.Codes()
	for _, code := range in.Codes {
		if !slices.Contains(known, code) {
			tn.t.Errorf("%q is none of the codes", code)
		}
	}
	for _, step := range in.Steps {
		if strings.TrimSpace(step.Detail) == "" {
			tn.t.Errorf("the step %s has no sentence", step.Code)
		}
	}
	if linker.Explain(&in, nil) == "" {
		tn.t.Errorf("nothing explains %s (%s)", in.ID, in.Verdict)
	}
}

// checkRaw: what is kept is what came; of ignored mail nothing is.
func (tn *town) checkRaw(in crm.Intake, sent []byte) {
	tn.t.Helper()
	if in.Kept != (in.Verdict != crm.Ignored) {
		tn.t.Errorf("%s mail: content kept is %v", in.Verdict, in.Kept)
	}
	if !in.Kept {
		return
	}
	raw, err := tn.store.Raw(tn.t.Context(), in.ID)
	if err != nil {
		tn.t.Errorf("raw bytes of %s mail: %v", in.Verdict, err)
		return
	}
	if !bytes.Equal(raw.Bytes, sent) {
		tn.t.Errorf("the raw bytes are not those that came:\n got  %q\n want %q", raw.Bytes, sent)
	}
	if raw.Release != nil {
		raw.Release()
	}
}

// sendAtOnce delivers the same mail many times at the same instant.
func (tn *town) sendAtOnce(d delivery, raw []byte) []crm.IntakeID {
	tn.t.Helper()
	ids := make([]crm.IntakeID, d.times)
	errs := make([]error, d.times)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range d.times {
		in, err := tn.inbound(d, raw)
		if err != nil {
			tn.t.Fatal(err)
		}
		ids[i] = in.ID
		group.Go(func() {
			<-start
			_, errs[i] = tn.linker.Take(tn.t.Context(), in)
		})
	}
	close(start)
	group.Wait()
	for _, err := range errs {
		if err != nil {
			tn.t.Fatalf("take: %v", err)
		}
	}
	return ids
}

// intakeOf is the intake of the nth mail of the story.
func (tn *town) intakeOf(n int64) crm.IntakeID {
	if n < 1 || int(n) > len(tn.letters) || len(tn.letters[n-1].ids) == 0 {
		tn.t.Fatalf("there is no mail %d", n)
	}
	return tn.letters[n-1].ids[0]
}
