package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"blindcopy/crm"
)

// The audit log names every act by which a person, or the program on its own account, changes records, rules or the
// database. A row is written in the transaction of the act: there is none without the other.
//
//	user.add  user.disable  user.enable  user.absent  user.present  user.rotate  user.address.add  user.address.remove
//	user.role  user.password  user.setup  user.link
//	user.token.add  user.token.remove
//	mailbox.add  mailbox.edit  exclusion.add  exclusion.remove
//	contact.add  contact.edit  contact.merge  contact.import  company.add  company.edit
//	deal.add  deal.edit  deal.close  lead.convert  lead.dismiss
//	activity.link  activity.unlink  activity.undo  activity.private  review.link  review.create  review.dismiss
//	database.backup  database.restore  retention.change

// objectDatabase is what acts upon all records are done to.
const objectDatabase = "database"

// as runs a change in the name of whoever acts in ctx.
func as(ctx context.Context, run func(*tx) error) func(*tx) error {
	actor := crm.ActorOf(ctx)
	return func(t *tx) error {
		t.actor = actor
		return run(t)
	}
}

const insertAudit = `INSERT INTO audit (at, actor, via, act, object, detail) VALUES (?, ?, ?, ?, ?, ?)`

// audit notes an act. object prints as kind:id, an address or a pattern; detail may be nil.
func (t *tx) audit(act string, object any, detail map[string]any) error {
	return t.exec(insertAudit, millis(t.now), t.actor.Name, t.actor.Via, act, fmt.Sprint(object), auditDetail(detail))
}

func auditDetail(detail map[string]any) string {
	if len(detail) == 0 {
		return "{}"
	}
	return jsonOf(detail)
}

// auditNew notes that a record was made, with what it was given.
func (t *tx) auditNew(act string, object, made any) error {
	detail := map[string]any{}
	for name, value := range auditFields(made) {
		if !isEmpty(value) {
			detail[name] = value
		}
	}
	return t.audit(act, object, detail)
}

// auditEdit notes which fields of a record are not what they were; an edit that changed nothing is no act.
func (t *tx) auditEdit(act string, object, was, is any) error {
	before, detail := auditFields(was), map[string]any{}
	for name, value := range auditFields(is) {
		if !reflect.DeepEqual(before[name], value) {
			detail[name] = map[string]any{"was": before[name], "is": value}
		}
	}
	if len(detail) == 0 {
		return nil
	}
	return t.audit(act, object, detail)
}

// auditFields are those of a noun as its JSON has them. A BCC address is a secret of its owner.
func auditFields(noun any) map[string]any {
	switch n := noun.(type) {
	case crm.User:
		n.BCCAddress, n.BCCState, n.BCCAddresses = "", "", nil
		noun = n
	case crm.Mailbox:
		if n.Kind == crm.MailboxBCC {
			n.Address = ""
		}
		noun = n
	}
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(jsonOf(noun)), &fields); err != nil {
		panic(fmt.Sprintf("store: %T is no JSON object: %v", noun, err))
	}
	delete(fields, "id")         // the row says it
	delete(fields, "created_at") // likewise
	return fields
}

func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	}
	return value == "" || value == false
}

// auditChoice notes what a person decided about a message: where it is filed now, and what was made for it.
func (t *tx) auditChoice(r *crm.Record, done Recorded) error {
	filed, made := []string{}, []string{}
	for _, res := range r.Plan.Results {
		for _, l := range res.Links {
			if l.Created == 0 {
				filed = append(filed, l.Ref.String())
			}
		}
	}
	for _, ref := range done.Created {
		made = append(made, ref.String())
	}
	return t.audit(r.Act, intakeObject(r.Inbound.ID), map[string]any{"filed_to": filed, "made": made})
}

// auditOwn notes what somebody did who holds a link to his own account, and is not signed in yet.
func (t *tx) auditOwn(act string, u crm.User, detail map[string]any) error {
	t.actor = crm.Actor{User: u.ID, Name: string(u.Email), Via: "web"}
	return t.audit(act, u.Email, detail)
}

// Note writes an act into the audit log that changed no record, such as a backup.
func (s *Store) Note(ctx context.Context, act string, detail map[string]any) error {
	err := s.write(ctx, func(t *tx) error { return t.audit(act, objectDatabase, detail) })
	return wrap(err, "note %s in the audit log", act)
}

// NoteSettings writes an act into the audit log if settings of the configuration are not those of the last time: a file that
// was edited leaves no other trace.
func (s *Store) NoteSettings(ctx context.Context, act, object string, settings map[string]any) error {
	detail := auditDetail(settings)
	err := s.write(ctx, func(t *tx) error {
		var last string
		_, err := t.get(t.ctx, &last, `SELECT detail FROM audit WHERE object = ? AND act = ? ORDER BY id DESC LIMIT 1`, object, act)
		if err != nil || last == detail {
			return err
		}
		return t.audit(act, object, settings)
	})
	return wrap(err, "note %s in the audit log", act)
}

// Audit lists what was done, newest first.
func (s *Store) Audit(ctx context.Context, f crm.AuditFilter) ([]crm.AuditEntry, error) {
	var w where
	if f.Object != "" {
		// kind:id sorts between kind: and kind; whatever the id is.
		w.and("(r.object = ? OR r.object >= ? AND r.object < ?)", f.Object, f.Object+":", f.Object+";")
	}
	if !f.Since.IsZero() {
		w.and("r.at >= ?", millis(f.Since))
	}
	if f.Before > 0 {
		w.and("r.id < ?", f.Before)
	}
	limit := f.Limit
	if limit == 0 {
		limit = -1 // SQLite's word for all
	}
	var rows []struct {
		ID, At                          int64
		Actor, Via, Act, Object, Detail string
	}
	err := s.reading().list(ctx, &rows, `
		SELECT r.id, r.at, r.actor, r.via, r.act, r.object, r.detail FROM audit r WHERE 1 = 1`+w.conditions+` ORDER BY r.id DESC LIMIT ?`, append(w.args, limit)...)
	list := make([]crm.AuditEntry, len(rows))
	for i, r := range rows {
		list[i] = crm.AuditEntry{ID: r.ID, At: moment(r.At), Actor: r.Actor, Via: r.Via, Act: r.Act, Object: r.Object}
		if err == nil {
			err = json.Unmarshal([]byte(r.Detail), &list[i].Detail)
		}
	}
	return list, wrap(err, "list the audit log")
}
