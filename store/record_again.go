package store

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"blindcopy/crm"
)

// intakeRow is an intake as a later decision changes it.
type intakeRow struct {
	Seq         int64
	ID          crm.IntakeID
	ReceivedAt  int64
	Verdict     crm.Verdict
	Codes       string
	Trace       string
	Results     string
	Created     string
	Held        string
	Visibility  crm.Visibility
	DuplicateOf crm.IntakeID
	Open        bool
	Kept        bool

	decoded []storedResult
	held    []storedHeld // once it was asked for
}

// intakeColumns are those of an intakeRow, in the order that readIntakeRow takes them.
const intakeColumns = `seq, id, received_at, verdict, codes, trace, results, created, held, visibility, duplicate_of, open, kept`

func readIntakeRow(v []driver.Value) (*intakeRow, error) {
	row := &intakeRow{Seq: integer(v[0]), ID: crm.IntakeID(str(v[1])), ReceivedAt: integer(v[2]), Verdict: crm.Verdict(str(v[3])), Codes: str(v[4]), Trace: str(v[5]),
		Results: str(v[6]), Created: str(v[7]), Held: str(v[8]), Visibility: crm.Visibility(str(v[9])), DuplicateOf: crm.IntakeID(str(v[10])),
		Open: integer(v[11]) != 0, Kept: integer(v[12]) != 0}
	if err := json.Unmarshal([]byte(row.Results), &row.decoded); err != nil {
		return nil, fmt.Errorf("read the results of intake %s: %w", row.ID, err)
	}
	return row, nil
}

// intakeRow reads an intake for change, crm.ErrNotFound if there is none.
func (t *tx) intakeRow(id crm.IntakeID) (*intakeRow, error) {
	var row *intakeRow
	err := t.c.query(`SELECT `+intakeColumns+` FROM intake WHERE id = ?`, func(v []driver.Value) (err error) {
		row, err = readIntakeRow(v)
		return err
	}, string(id))
	if err != nil {
		return nil, fmt.Errorf("read intake %s: %w", id, err)
	}
	if row == nil {
		return nil, notFound("intake", id)
	}
	return row, nil
}

// intakeIfThere is intakeRow with nil for an intake that is not, or no more, there.
func (t *tx) intakeIfThere(id crm.IntakeID) (*intakeRow, error) {
	if id == "" {
		return nil, nil
	}
	row, err := t.intakeRow(id)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, nil
	}
	return row, err
}

func (row *intakeRow) report(original int) *storedResult {
	for i := range row.decoded {
		if row.decoded[i].Original == original {
			return &row.decoded[i]
		}
	}
	return nil
}

// holds tells whether anything of it is still held.
func (row *intakeRow) holds() bool {
	return slices.ContainsFunc(row.decoded, func(r storedResult) bool { return r.Verdict == crm.Held })
}

// codes that were said of it.
func (row *intakeRow) codes() (codes []crm.Code, err error) {
	err = json.Unmarshal([]byte(row.Codes), &codes)
	return codes, err
}

func (row *intakeRow) received() time.Time { return moment(row.ReceivedAt) }

// heldMail is what the held results are decided from again.
func (row *intakeRow) heldMail() (held []storedHeld, err error) {
	if row.Held == "" || row.held != nil {
		return slices.Clone(row.held), nil
	}
	if err := json.Unmarshal([]byte(row.Held), &row.held); err != nil {
		return nil, fmt.Errorf("read the held mail of intake %s: %w", row.ID, err)
	}
	return slices.Clone(row.held), nil
}

// decided is the change of an intake by a later decision about some of its originals.
type decided struct {
	row      *intakeRow
	replace  []storedResult
	amend    []storedResult // as replace, but nothing of it was decided anew
	trace    trace
	created  []crm.Ref
	held     []storedHeld // what is held by this decision
	auth     string       // JSON; "" leaves it
	answered []int        // originals of which every address is known now
	chosen   []int        // originals that are on a deal now
	codes    []crm.Code   // said besides those of replace

	keepContent bool // until its time is over, whatever the verdict
}

// updateIntake goes on with the trace of an intake that was decided again.
func (rec *recording) updateIntake() error {
	if rec.then != nil {
		return rec.updatePrepared()
	}
	if len(rec.reports) == 0 {
		return nil
	}
	d := decided{row: rec.old, replace: rec.reports, created: rec.done.Created, auth: rec.auth}
	for i, r := range rec.results {
		if rec.settled[i] {
			continue
		}
		d.trace.add(r.Result)
		if r.Verdict == crm.Held {
			d.held = append(d.held, storeHeld(r.Result))
			continue
		}
		target := max(rec.targets[i], int64(rec.done.Activities[i]))
		if err := rec.t.moveHeld(rec.old, r.Mail.Original, target); err != nil {
			return err
		}
		if err := rec.tightenOld(target); err != nil {
			return err
		}
	}
	if err := rec.t.update(d); err != nil {
		return fmt.Errorf("update intake %s: %w", rec.old.ID, err)
	}
	return nil
}

// tightenOld: what is filed now asks for more than it did while it was held.
func (rec *recording) tightenOld(target int64) error {
	if rec.visibility == rec.old.Visibility {
		return nil
	}
	return rec.t.tighten(target, rec.visibility)
}

// afterwards is an intake as it is after a later decision.
type afterwards struct {
	results                     []storedResult
	codes, trace, created, held string // JSON
	open                        int    // questions in the trace
}

// after works out what a decision makes of an intake. Earlier steps stay.
func (d *decided) after() (a afterwards, err error) {
	row := d.row
	var tr trace
	var created []crm.Ref
	codes, err := row.codes()
	if err != nil {
		return a, err
	}
	for text, dest := range map[*string]any{&row.Trace: &tr, &row.Created: &created} {
		if err := json.Unmarshal([]byte(*text), dest); err != nil {
			return a, fmt.Errorf("read the trace of intake %s: %w", row.ID, err)
		}
	}
	held, err := row.heldMail()
	if err != nil {
		return a, err
	}
	a.results = slices.Clone(row.decoded)
	for _, r := range d.replace {
		a.results = replaceResult(a.results, r)
		codes = addCodes(codes, r.Codes)
		held = slices.DeleteFunc(held, func(h storedHeld) bool { return h.Mail.Original == r.Original })
		tr.Open = slices.DeleteFunc(tr.Open, func(o openParty) bool { return o.Original == r.Original })
		tr.Deals = slices.DeleteFunc(tr.Deals, func(original int) bool { return original == r.Original })
	}
	for _, r := range d.amend {
		a.results = replaceResult(a.results, r)
	}
	tr.Open = slices.DeleteFunc(tr.Open, func(o openParty) bool { return slices.Contains(d.answered, o.Original) })
	tr.Deals = slices.DeleteFunc(tr.Deals, func(original int) bool { return slices.Contains(d.chosen, original) })
	tr.Steps, tr.Open, tr.Deals = addSteps(tr.Steps, d.trace.Steps), append(tr.Open, d.trace.Open...), append(tr.Deals, d.trace.Deals...)
	if len(d.replace) > 0 {
		tr.Candidates = append(d.notReplaced(tr.Candidates), d.trace.Candidates...)
		tr.Proposals = append(d.notReplaced(tr.Proposals), d.trace.Proposals...)
	}
	if held = append(held, d.held...); len(held) > 0 {
		a.held = jsonOf(held)
	}
	a.codes, a.trace, a.created, a.open = jsonList(addCodes(codes, d.codes)), jsonOf(tr.full()), jsonList(append(created, d.created...)), tr.questions()
	return a, nil
}

// notReplaced are the candidates of originals that are not decided anew: those stay as they were.
func (d *decided) notReplaced(list []crm.Candidate) []crm.Candidate {
	return slices.DeleteFunc(list, func(c crm.Candidate) bool {
		has := func(r storedResult) bool { return r.Original == c.Original }
		return slices.ContainsFunc(d.replace, has) || !slices.ContainsFunc(d.row.decoded, has)
	})
}

// update writes an intake as it is after a later decision.
func (t *tx) update(d decided) error {
	a, err := d.after()
	if err != nil {
		return err
	}
	kept := d.row.Kept
	if !d.keepContent {
		if kept, err = t.settleContent(d.row, verdictOf(a.results)); err != nil {
			return err
		}
	}
	return t.writeAfter(d.row, a, d.auth, kept)
}

func (t *tx) writeAfter(row *intakeRow, a afterwards, auth string, kept bool) error {
	verdict := verdictOf(a.results)
	t.changed(intakeObject(row.ID))
	err := t.exec(`
		UPDATE intake SET verdict = ?, codes = ?, trace = ?, results = ?, created = ?, held = ?, auth = coalesce(nullif(?, ''), auth),
		       duplicate_of = ?, open = ?, kept = ?, expires_at = ?
		WHERE seq = ?`,
		string(verdict), a.codes, a.trace, resultsJSON(a.results), a.created, a.held, auth,
		string(duplicateOf(verdict, a.results)), isOpen(a.results, a.open), kept, t.s.expiry(verdict, kept, row.received()), row.Seq)
	return classify(err)
}

// full has [] where there is nothing.
func (t trace) full() trace {
	for _, list := range []*[]crm.Candidate{&t.Candidates, &t.Proposals} {
		if *list == nil {
			*list = []crm.Candidate{}
		}
	}
	if t.Steps == nil {
		t.Steps = []crm.Step{}
	}
	return t
}

// replaceResult puts the new report of an original in place of the old one, whose codes and claims it
// keeps.
func replaceResult(results []storedResult, r storedResult) []storedResult {
	for i, have := range results {
		if have.Original != r.Original {
			continue
		}
		r.Codes = addCodes(have.Codes, r.Codes)
		for _, c := range have.Claims {
			if !slices.Contains(r.Claims, c) {
				r.Claims = append(r.Claims, c)
			}
		}
		results[i] = r
		return results
	}
	return append(results, r)
}

// addSteps leaves out what was said already, word for word.
func addSteps(have, more []crm.Step) []crm.Step {
	for _, s := range more {
		if !slices.ContainsFunc(have, func(h crm.Step) bool { return h.Code == s.Code && h.Detail == s.Detail }) {
			have = append(have, s)
		}
	}
	return have
}

func addCodes(have, more []crm.Code) []crm.Code {
	have = slices.Clone(have)
	for _, c := range more {
		if !slices.Contains(have, c) {
			have = append(have, c)
		}
	}
	return have
}

// verdictOf an intake: see crm.Plan.Verdict.
func verdictOf(results []storedResult) crm.Verdict {
	for _, v := range []crm.Verdict{crm.Filed, crm.Held, crm.Duplicate} {
		if slices.ContainsFunc(results, func(r storedResult) bool { return r.Verdict == v }) {
			return v
		}
	}
	return crm.Ignored
}

func duplicateOf(verdict crm.Verdict, results []storedResult) crm.IntakeID {
	if verdict != crm.Duplicate {
		return ""
	}
	for _, r := range results {
		if r.DuplicateOf != "" {
			return r.DuplicateOf
		}
	}
	return ""
}

// settleContent drops the raw bytes of what is now ignored, and tells whether they are kept.
func (t *tx) settleContent(row *intakeRow, verdict crm.Verdict) (bool, error) {
	if verdict != crm.Ignored || !row.Kept {
		return row.Kept, nil
	}
	return false, t.dropRaw(row.Seq)
}

// dropRaw forgets the raw bytes of an intake.
func (t *tx) dropRaw(seq int64) error {
	var file string
	if _, err := t.get(t.ctx, &file, `SELECT file FROM raw WHERE intake = ?`, seq); err != nil {
		return err
	}
	if file != "" {
		t.files.dropped = append(t.files.dropped, file)
	}
	_, err := t.do(`DELETE FROM raw WHERE intake = ?`, seq)
	return err
}

// moveHeld takes the rows of a mail that was held to the activity it became, or away if target is 0.
func (t *tx) moveHeld(row *intakeRow, original int, target int64) error {
	from := heldTarget(row.Seq, original)
	if target == from {
		return nil
	}
	if target != 0 {
		err := t.exec(`
			INSERT INTO capture (target, intake, mailbox, owner, via, at) SELECT ?, intake, mailbox, owner, via, at FROM capture WHERE target = ?
			ON CONFLICT (target, intake, mailbox) DO NOTHING`, target, from)
		if err != nil {
			return fmt.Errorf("move captures: %w", err)
		}
	}
	if err := t.exec(`DELETE FROM capture WHERE target = ?`, from); err != nil {
		return fmt.Errorf("move captures: %w", err)
	}
	held, err := row.heldMail()
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.Mail.Original != original {
			continue
		}
		if err := t.dropParticipants(h.People, from); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) dropParticipants(people []crm.Person, target int64) error {
	for _, p := range people {
		if p.Address == "" {
			continue
		}
		id, err := t.addressID(p.Address)
		if err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM participant WHERE address = ? AND target = ?`, id, target); err != nil {
			return fmt.Errorf("drop participants: %w", err)
		}
	}
	return nil
}

// supersede closes a held intake whose mail a later sighting could file.
func (rec *recording) supersede(row *intakeRow, target int64, by resultEntry) error {
	d := decided{row: row}
	for _, have := range row.decoded {
		if have.Verdict != crm.Held || !rec.sameMail(row, have, by) {
			continue
		}
		closed := report(resultEntry{Result: &crm.Result{Mail: &crm.Mail{Original: have.Original}, Verdict: crm.Duplicate, DuplicateOf: rec.r.Inbound.ID},
			codes: []crm.Code{crm.Superseded}}, max(target, 0), nil)
		d.replace = append(d.replace, closed)
		if err := rec.t.settleKeys(row.Seq, have, crm.Filed, max(target, 0)); err != nil {
			return err
		}
		if err := rec.t.moveHeld(row, have.Original, target); err != nil {
			return err
		}
	}
	d.trace.Steps = []crm.Step{{Code: crm.Superseded, Detail: "Intake " + string(rec.r.Inbound.ID) + " is the same mail and could be filed.",
		Data: map[string]any{"intake": rec.r.Inbound.ID}}}
	if err := rec.t.update(d); err != nil {
		return fmt.Errorf("close the held intake %s: %w", row.ID, err)
	}
	return rec.t.tighten(target, rec.visibility)
}

// settleKeys makes the identities of a held result tell what became of it.
func (t *tx) settleKeys(seq int64, r storedResult, verdict crm.Verdict, activity int64) error {
	for _, c := range r.Claims {
		if err := t.exec(`UPDATE mail_key SET verdict = ?, activity = ? WHERE hash = ? AND n = ? AND intake = ?`, string(verdict), activity, c[0], c[1], seq); err != nil {
			return fmt.Errorf("settle the identity of the mail: %w", err)
		}
	}
	return nil
}

// sameMail tells whether a held result is the mail of a new one: they share a claim, or the held intake
// has no other.
func (rec *recording) sameMail(row *intakeRow, have storedResult, by resultEntry) bool {
	if len(row.decoded) == 1 {
		return true
	}
	for _, c := range by.Claims {
		hash := fingerprintOf(c.Key).hash
		if slices.ContainsFunc(have.Claims, func(k [2]int64) bool { return k[0] == hash }) {
			return true
		}
	}
	return false
}
