package web

import (
	"errors"
	"slices"
	"strings"

	"blindcopy/crm"
)

// question is one message that asks a person, as a row shows it.
type question struct {
	crm.Intake
	Reasons []string   // why it asks, in words
	Asks    []ask      // what it asks about: one mail, mostly
	Who     bool       // somebody in it is unknown, or it is held: a record can be made of it
	Alias   bool       // an admin may say whose address the author's is
	Never   []string   // addresses and domains that one may never want to see again
	Back    string     // the page to come back to
	Users   []crm.User // for Alias
	Admin   bool
}

// ask is one mail about which a person decides: the message itself, or one that was forwarded in it.
type ask struct {
	crm.ResultReport
	Intake    crm.IntakeID
	Readable  bool // it is not filed, and its content is kept
	Several   bool // the message brought more than one mail: a decision has to say which one it means
	Proposals []crm.Candidate
	Who       bool // a record can be made of somebody in it
	Back      string
}

// Recipients names the first few of whom it went to.
func (a ask) Recipients() string { return firstFew(a.To) }

// Recipients names the first few of whom the message went to; where it brought others, each says so itself.
func (q question) Recipients() string {
	if len(q.Asks) != 1 || q.Asks[0].Told() {
		return ""
	}
	return q.Asks[0].Recipients()
}

// Dismissal is what the button says that decides for nothing.
func (q question) Dismissal() string {
	held := slices.ContainsFunc(q.Asks, func(a ask) bool { return a.Verdict == crm.Held })
	switch {
	case !held:
		return "Leave as it is"
	case len(q.Asks) == len(q.Results) && len(q.Asks) > 1:
		return "Dismiss all"
	case len(q.Results) > 1:
		return "Dismiss the rest"
	}
	return "Dismiss"
}

// Told tells whether the mail is another than the message it came in, so that it has to be told which one it is.
func (a ask) Told() bool { return a.Several || a.Original > 0 }

func (s *Server) questions(r *request, list []crm.Intake, back string) ([]question, error) {
	questions := make([]question, 0, len(list))
	for _, in := range list {
		q := question{Intake: in, Reasons: reasons(in), Back: back, Admin: r.viewer.IsAdmin(), Never: neverOf(in, r.user)}
		q.Who = in.Verdict == crm.Held || len(in.Unknown) > 0
		q.Alias = q.Admin && in.Verdict == crm.Held && slices.Contains(in.Codes, crm.SenderUnverified)
		var err error
		if q.Asks, err = s.asks(r, in, back); err != nil {
			return nil, err
		}
		questions = append(questions, q)
	}
	return questions, nil
}

// asks are the mails of a message that wait for a decision. Where nothing waits any more, all that are not filed can be
// decided about after all.
func (s *Server) asks(r *request, in crm.Intake, back string) (list []ask, err error) {
	for _, result := range in.Results {
		if in.Open && !result.Open || !in.Open && result.Verdict == crm.Filed {
			continue
		}
		a := ask{ResultReport: result, Intake: in.ID, Several: len(in.Results) > 1, Back: back}
		a.Who = result.Verdict != crm.Filed || len(result.Unknown) > 0
		a.Readable = result.ActivityID == nil && in.Kept
		a.Proposals = slices.DeleteFunc(slices.Clone(in.Proposals), func(c crm.Candidate) bool { return !in.IsAbout(c, result.Original) })
		if a.ActivityID != nil {
			if err := s.askOfFiled(r, &a); err != nil {
				return nil, err
			}
		}
		list = append(list, a)
	}
	return list, nil
}

// askOfFiled tells of filed mail what the viewer may see of it.
func (s *Server) askOfFiled(r *request, a *ask) error {
	act, err := s.Store.Activity(r.Context(), *a.ActivityID)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	act, ok := r.viewer.Activity(act)
	if !ok {
		return nil
	}
	a.From, a.Subject, a.Date, a.Preview = crm.Party{Name: act.Author.Name, Address: act.Author.Address}.String(), act.Subject, act.OccurredAt, act.Preview
	for _, p := range act.Participants {
		if p.Role == crm.RoleTo || p.Role == crm.RoleCc {
			a.To = append(a.To, crm.Party{Name: p.Name, Address: p.Address})
		}
	}
	return nil
}

// reasons are what the trace says of the questions, each once; what a code means where the trace is silent.
func reasons(in crm.Intake) (list []string) {
	add := func(text string) {
		if text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	for _, step := range in.Steps {
		if asking(in, step.Code) {
			add(step.Detail)
		}
	}
	for _, code := range in.Codes {
		if len(list) == 0 && asking(in, code) {
			add(code.Meaning().Sentence)
		}
	}
	return list
}

// asking tells whether a code is a reason why a mail waits, or is not filed: of such mail any that a person can do something about, of
// filed mail the open questions, and why other mail in the same message waits.
func asking(in crm.Intake, code crm.Code) bool {
	if in.Verdict != crm.Filed {
		return !strings.HasPrefix(code.Meaning().Hint, "Nothing")
	}
	return in.HeldFor(code) || code.IsQuestion() && in.Asks(code)
}

// neverOf proposes what to put on the never-log list: who is unknown, and the domain. In the trace of held mail people
// stand in its sentences alone.
func neverOf(in crm.Intake, me crm.User) (list []string) {
	add := func(text string) {
		a, ok := crm.ParseAddress(strings.Trim(text, ".,;:()<>\"'"))
		if !ok || a.Domain() == me.Email.Domain() || a.Domain() == me.BCCAddress.Domain() {
			return
		}
		for _, text := range []string{string(a), a.Domain()} {
			if !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	for _, p := range in.Unknown {
		add(string(p.Address))
	}
	add(in.From[strings.LastIndexByte(in.From, '<')+1:])
	for _, reason := range reasons(in) {
		for word := range strings.FieldsSeq(reason) {
			if strings.Contains(word, "@") {
				add(word)
			}
		}
	}
	return list[:min(len(list), 12)]
}
