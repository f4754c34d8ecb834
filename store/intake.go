package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
)

// Intakes lists what reached us, newest first; crm.ErrNotFound where there is no intake Before.
func (s *Store) Intakes(ctx context.Context, f IntakeFilter) ([]crm.Intake, error) {
	from, err := s.seqSince(ctx, f.Since)
	if err != nil {
		return nil, wrap(err, "list intakes")
	}
	var w where
	w.and("r.seq >= ?", from)
	if f.Before != "" {
		var before int64
		found, err := s.reading().get(ctx, &before, `SELECT seq FROM intake WHERE id = ?`, string(f.Before))
		if err == nil && !found {
			err = notFound("intake", f.Before)
		}
		if err != nil {
			return nil, wrap(err, "list intakes")
		}
		w.and("r.seq < ?", before)
	}
	if f.Verdict != "" {
		w.and("r.verdict = ?", string(f.Verdict))
	}
	if !f.Since.IsZero() {
		w.and("r.received_at >= ?", millis(f.Since))
	}
	list, err := s.intakes(ctx, w, f)
	return list, wrap(err, "list intakes")
}

// intakes lists those that meet a condition and have the text of the filter, newest first. What the viewer may not see is
// not searched.
func (s *Store) intakes(ctx context.Context, w where, f IntakeFilter) ([]crm.Intake, error) {
	if err := s.narrowIntakes(ctx, &w, f.Viewer); err != nil {
		return nil, err
	}
	limit, size := f.Limit, pageSize
	if f.Match == "" && limit > 0 {
		size = min(size, limit)
	}
	list := []crm.Intake{}
	for before := int64(1) << 62; ; {
		rows, err := selectIntakes(ctx, s.reading(), w, before, size)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			before = rows[i].Seq
			in, err := rows[i].intake()
			if err != nil {
				return nil, err
			}
			in, shown := shownIntake(in, f.Viewer)
			if shown && matches(f.Match, in.From, in.Subject, in.MessageID, strings.Join(in.Rcpts, "\n")) {
				list = append(list, in)
			}
			if limit > 0 && len(list) == limit {
				return list, s.findFirsts(ctx, list)
			}
		}
		if len(rows) < size {
			return list, s.findFirsts(ctx, list)
		}
	}
}

// seqSlack is how far messages may overtake each other between receipt and record.
const seqSlack = time.Hour

// seqSince finds where to begin reading what was received at or after a time: numbers grow with the time of
// receipt, but for the slack.
func (s *Store) seqSince(ctx context.Context, since time.Time) (seq int64, err error) {
	if since.IsZero() {
		return 0, nil
	}
	limit := millis(since.Add(-seqSlack))
	err = s.read(ctx, func(c *conn) error {
		high, err := c.number(`SELECT coalesce(max(seq), 0) + 1 FROM intake`)
		for err == nil && seq < high {
			middle, at, next := seq+(high-seq)/2, int64(0), int64(0)
			err = c.query(`SELECT received_at, seq FROM intake WHERE seq >= ? ORDER BY seq LIMIT 1`, func(row []driver.Value) error {
				at, next = integer(row[0]), integer(row[1])
				return nil
			}, middle)
			switch {
			case next == 0 || at >= limit:
				high = middle
			default:
				seq = next + 1
			}
		}
		return err
	})
	return seq, err
}

// Intake returns one, crm.ErrNotFound if there is none.
func (s *Store) Intake(ctx context.Context, id crm.IntakeID) (crm.Intake, error) {
	in, err := s.oneIntake(ctx, s.reading(), id)
	return in, wrap(err, "read intake %s", id)
}

func (s *Store) oneIntake(ctx context.Context, q session, id crm.IntakeID) (crm.Intake, error) {
	var w where
	w.and("r.id = ?", string(id))
	rows, err := selectIntakes(ctx, q, w, 1<<62, 1)
	if err == nil && len(rows) == 0 {
		err = notFound("intake", id)
	}
	if err != nil {
		return crm.Intake{}, err
	}
	in, err := rows[0].intake()
	if err != nil {
		return in, err
	}
	list := []crm.Intake{in}
	err = findFirsts(ctx, q, list)
	return list[0], err
}

// IntakesByMessageID lists the intakes of a mail, newest first: also those in which it lay forwarded. White space,
// <> and case do not matter.
func (s *Store) IntakesByMessageID(ctx context.Context, messageID string) ([]crm.Intake, error) {
	id := normalMessageID(messageID)
	print := fingerprintOf(messageKey(id))
	var w where
	w.and(`r.seq IN (
		SELECT seq FROM intake WHERE message_hash = ? AND message_id = ?
		UNION SELECT k.intake FROM mail_key k WHERE k.hash = ? AND k.hash2 = ?)`,
		print.hash, id, print.hash, print.hash2)
	list, err := s.intakes(ctx, w, IntakeFilter{})
	return list, wrap(err, "find the intakes of <%s>", id)
}

// normalMessageID is the form that Message-IDs are kept in.
func normalMessageID(id string) string {
	return strings.ToLower(strings.Trim(strings.Join(strings.Fields(id), ""), "<>"))
}

// intakeListRow is an intake as it is shown.
type intakeListRow struct {
	Seq         int64
	ID          crm.IntakeID
	ReceivedAt  int64 `db:"received_at"`
	Via         crm.Via
	Remote      string
	Helo        string
	TLS         string
	MailFrom    string `db:"mail_from"`
	Rcpts       string
	Size        int64
	MessageID   string `db:"message_id"`
	Sender      string
	Subject     string
	Verdict     crm.Verdict
	Codes       string
	Trace       string
	Results     string
	Created     string
	Auth        string
	Held        string
	Owner       crm.Address
	Visibility  crm.Visibility
	DuplicateOf crm.IntakeID `db:"duplicate_of"`
	Open        bool
	Kept        bool
	ExpiresAt   sql.NullInt64 `db:"expires_at"`
}

func selectIntakes(ctx context.Context, q session, w where, before int64, n int) (rows []intakeListRow, err error) {
	err = q.list(ctx, &rows, `
		SELECT r.seq, r.id, r.received_at, r.via, r.remote, r.helo, r.tls, r.mail_from, r.rcpts, r.size, r.message_id, r.sender, r.subject,
		       r.verdict, r.codes, r.trace, r.results, r.created, r.auth, r.held, coalesce(u.email, '') AS owner, r.visibility, r.duplicate_of,
		       r.open, r.kept, r.expires_at
		FROM intake r LEFT JOIN crm_user u ON u.id = r.owner
		WHERE r.seq < ?`+w.conditions+` ORDER BY r.seq DESC LIMIT ?`, append(append([]any{before}, w.args...), n)...)
	return rows, err
}

func (row *intakeListRow) intake() (crm.Intake, error) {
	in := crm.Intake{
		ID: row.ID, ReceivedAt: moment(row.ReceivedAt), Via: row.Via, Remote: row.Remote, Helo: row.Helo, TLS: row.TLS, MailFrom: row.MailFrom,
		Size: row.Size, MessageID: row.MessageID, From: row.Sender, Subject: row.Subject, Verdict: row.Verdict, Owner: row.Owner,
		Visibility: row.Visibility, DuplicateOf: row.DuplicateOf, Open: row.Open, Kept: row.Kept, ActivityIDs: []crm.ActivityID{}, Rcpts: []string{},
	}
	if row.Kept {
		in.Expires = optionalMoment(row.ExpiresAt)
	}
	var tr trace
	var rcpts []crm.Recipient
	for text, dest := range map[*string]any{&row.Rcpts: &rcpts, &row.Codes: &in.Codes, &row.Trace: &tr, &row.Results: &in.Results, &row.Created: &in.Created, &row.Auth: &in.Auth} {
		if err := json.Unmarshal([]byte(*text), dest); err != nil {
			return in, fmt.Errorf("read intake %s: %w", row.ID, err)
		}
	}
	for _, r := range rcpts {
		in.Rcpts = append(in.Rcpts, r.Path)
	}
	in.Steps, in.Candidates, in.Proposals = orEmpty(tr.Steps), orEmpty(tr.Candidates), tr.Proposals
	in.ActivityIDs = activityIDs(in.Results)
	in.WhichDeal = len(tr.Deals) > 0
	for i := range in.Results {
		r := &in.Results[i]
		r.Open = in.Open && (r.Verdict == crm.Held || tr.asks(r.Original))
		r.Unknown = tr.unknown(r.Original)
	}
	if err := row.describeHeld(in.Results); err != nil {
		return in, err
	}
	for _, o := range tr.Open {
		in.Unknown = append(in.Unknown, o.Party)
	}
	return in, nil
}

// describeHeld tells what each held mail is.
func (row *intakeListRow) describeHeld(results []crm.ResultReport) error {
	if row.Held == "" {
		return nil
	}
	var held []storedHeld
	if err := json.Unmarshal([]byte(row.Held), &held); err != nil {
		return fmt.Errorf("read the held mail of intake %s: %w", row.ID, err)
	}
	for i := range results {
		for _, h := range held {
			if h.Mail.Original == results[i].Original {
				h.describe(&results[i])
			}
		}
	}
	return nil
}

func activityIDs(results []crm.ResultReport) []crm.ActivityID {
	list := []crm.ActivityID{}
	for _, r := range results {
		if r.ActivityID != nil && !slices.Contains(list, *r.ActivityID) {
			list = append(list, *r.ActivityID)
		}
	}
	return list
}

func (s *Store) findFirsts(ctx context.Context, list []crm.Intake) error {
	return findFirsts(ctx, s.reading(), list)
}

// findFirsts completes duplicates of mail that was held when they came, and has been filed since.
func findFirsts(ctx context.Context, q session, list []crm.Intake) error {
	type row struct {
		ID      crm.IntakeID
		Results string
	}
	var firsts []crm.IntakeID
	for _, in := range list {
		for _, r := range in.Results {
			if r.Verdict == crm.Duplicate && r.ActivityID == nil && r.DuplicateOf != "" {
				firsts = append(firsts, r.DuplicateOf)
			}
		}
	}
	rows, err := listIn[row](ctx, q, `SELECT id, results FROM intake WHERE id IN (?)`, firsts)
	if err != nil {
		return err
	}
	filed := map[crm.IntakeID][]crm.ResultReport{}
	for _, r := range rows {
		var results []crm.ResultReport
		if err := json.Unmarshal([]byte(r.Results), &results); err != nil {
			return fmt.Errorf("read intake %s: %w", r.ID, err)
		}
		filed[r.ID] = results
	}
	for i := range list {
		for j := range list[i].Results {
			if r := &list[i].Results[j]; r.Verdict == crm.Duplicate && r.ActivityID == nil {
				r.ActivityID = filedIn(filed[r.DuplicateOf], r.FirstIn)
			}
		}
		list[i].ActivityIDs = activityIDs(list[i].Results)
	}
	return nil
}

// filedIn is the activity that an original of an intake has become, nil if it has not.
func filedIn(results []crm.ResultReport, original int) *crm.ActivityID {
	for _, r := range results {
		if r.Original == original {
			return r.ActivityID
		}
	}
	return nil
}
