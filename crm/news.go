package crm

// Position is a place in what happened to mail: everything up to it is known. It counts all mail, also what is hidden from
// whoever asks: it must not be shown to anybody.
type Position struct {
	Intake int64 // mail, in the order it was recorded
	Change int64 // mail that was changed after it was recorded
}

// Later is the later of two positions, in both of its parts.
func (p Position) Later(than Position) Position {
	return Position{max(p.Intake, than.Intake), max(p.Change, than.Change)}
}

// News is one thing that happened to mail.
type News struct {
	At         Position   // everything up to here is known with it
	New        bool       // the intake was recorded; else it was decided again
	Intake     *Intake    // nil where only an activity was changed
	Activities []Activity // of the intake, or the one that was changed
}

// NewsPage is a piece of the news, oldest first.
type NewsPage struct {
	List   []News
	Upto   Position // how far was looked: what follows is after it
	More   bool     // there is more after it
	Missed bool     // the log of changes does not reach back as far: mail was changed that is not told of
}

// Tally is how many mails ask a person to decide, by the e-mail address of the owner of the mailbox. See Viewer.Waiting.
type Tally map[Address]Waiting

// Waiting is how many mails of one owner wait, and how many besides are private.
type Waiting struct{ Shown, Private int }

// Waiting is how many mails the viewer may decide about: his own, and for admins everything that is not private.
func (v Viewer) Waiting(t Tally) (n int) {
	for owner, w := range t {
		switch {
		case v.operator || v.is(owner):
			n += w.Shown + w.Private
		case v.admin:
			n += w.Shown
		}
	}
	return n
}
