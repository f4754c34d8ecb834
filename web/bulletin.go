package web

import (
	"encoding/json"
	"slices"
	"time"

	"blindcopy/crm"
)

// apiEvents are the events of a stream by name, each with its data.
type apiEvents struct {
	Intake   apiEventIntake   `json:"intake"`   // mail was decided, or decided again
	Activity apiEventActivity `json:"activity"` // filed mail was changed: its links, what came back, who may see it
	Review   apiEventReview   `json:"review"`   // how many mails wait for the user; the first event of every stream
	Reset    apiEventReset    `json:"reset"`    // something may have been missed: read the lists again
	Arriving apiEventArriving `json:"arriving"` // a message to the user's own mailbox is on its way; without an id
}

// apiEventIntake is the part of an intake that says what became of it. The whole is at /intakes/ID.
type apiEventIntake struct {
	ID          crm.IntakeID     `json:"id"`
	New         bool             `json:"new"` // it has just come; else it was decided again
	ReceivedAt  time.Time        `json:"received_at"`
	From        string           `json:"from"`
	Subject     string           `json:"subject"`
	Verdict     crm.Verdict      `json:"verdict"`
	Codes       []crm.Code       `json:"codes"`
	ActivityIDs []crm.ActivityID `json:"activity_ids"`
	Links       []crm.Link       `json:"links"` // of the activities
	DuplicateOf crm.IntakeID     `json:"duplicate_of"`
	Owner       crm.Address      `json:"owner"`
	Open        bool             `json:"open"` // it asks a person to decide
}

// apiEventActivity is the part of an activity that changes. The whole is at /activities/ID.
type apiEventActivity struct {
	ID         crm.ActivityID `json:"id"`
	Direction  crm.Direction  `json:"direction"`
	Subject    string         `json:"subject"`
	OccurredAt time.Time      `json:"occurred_at"`
	Links      []crm.Link     `json:"links"`
	Badges     []crm.Badge    `json:"badges"`
	Visibility crm.Visibility `json:"visibility"`
}

type apiEventReview struct {
	Count int `json:"count"`
}

type apiEventReset struct {
	Why string `json:"why"`
}

// apiEventArriving is how far a message is that is being delivered.
type apiEventArriving struct {
	Stage string    `json:"stage"` // recipient: a mail server has named the address, and was let go on; received: all of it is here
	At    time.Time `json:"at"`
	Size  int64     `json:"size"` // bytes, once it is received
}

// Stages of a message that is being delivered.
const (
	StageRecipient = "recipient"
	StageReceived  = "received"
)

// Arriving tells a user who has a page open how far a message to his mailbox is: that the way is open, before anything is
// decided. Nothing of it is kept. It costs nothing where he has none.
func (s *Server) Arriving(user crm.UserID, stage string, size int64) {
	if !s.watch.listens(user) {
		return
	}
	if data, err := json.Marshal(apiEventArriving{Stage: stage, At: s.Now().UTC(), Size: size}); err == nil {
		s.watch.whisper(user, event{"arriving", data})
	}
}

// bulletin is one piece of news, with the JSON for whoever may see all of an intake.
type bulletin struct {
	crm.News
	whole []byte
}

func newBulletin(n crm.News) (b bulletin, err error) {
	if b.News = slim(n); n.Intake != nil {
		b.whole, err = json.Marshal(eventOfIntake(n, n.Activities))
	}
	return b, err
}

// slim leaves out what no event tells: a bulletin is kept for a while.
func slim(n crm.News) crm.News {
	if n.Intake != nil {
		in := *n.Intake
		in.Steps, in.Rcpts, in.Candidates, in.Proposals, in.Results, in.Created, in.Unknown = nil, nil, nil, nil, nil, nil, nil
		n.Intake = &in
	}
	n.Activities = slices.Clone(n.Activities)
	for i := range n.Activities {
		a := &n.Activities[i]
		a.Participants, a.Attachments, a.Bounces, a.Preview, a.Note = nil, nil, nil, "", ""
	}
	return n
}

// after tells whether it happened after a place.
func (b bulletin) after(at crm.Position) bool {
	return b.At.Intake > at.Intake || b.At.Change > at.Change
}

// event is one piece of a stream.
type event struct {
	name string
	data []byte
}

// events are what a viewer is told. Of mail whose trace is another's, but that stands on the timelines, he is told what
// stands there.
func (b bulletin) events(v crm.Viewer) ([]event, error) {
	if b.Intake != nil {
		_, acts, ok := seenBy(v, *b.Intake, b.Activities)
		switch {
		case ok && len(acts) == len(b.Activities):
			return []event{{"intake", b.whole}}, nil
		case ok:
			data, err := json.Marshal(eventOfIntake(b.News, acts))
			return []event{{"intake", data}}, err
		case !b.New: // what changed of its activities is told by itself
			return nil, nil
		}
	}
	var list []event
	for _, act := range b.Activities {
		act, ok := v.Activity(act)
		if !ok {
			continue
		}
		data, err := json.Marshal(eventOfActivity(act))
		if err != nil {
			return nil, err
		}
		list = append(list, event{"activity", data})
	}
	return list, nil
}

func eventOfIntake(n crm.News, acts []crm.Activity) apiEventIntake {
	in := n.Intake
	e := apiEventIntake{ID: in.ID, New: n.New, ReceivedAt: in.ReceivedAt, From: in.From, Subject: in.Subject, Verdict: in.Verdict, Codes: in.Codes,
		ActivityIDs: []crm.ActivityID{}, Links: []crm.Link{}, DuplicateOf: in.DuplicateOf, Owner: in.Owner, Open: in.Open}
	for _, a := range acts {
		e.ActivityIDs, e.Links = append(e.ActivityIDs, a.ID), append(e.Links, a.Links...)
	}
	return e
}

func eventOfActivity(a crm.Activity) apiEventActivity {
	return apiEventActivity{ID: a.ID, Direction: a.Direction, Subject: a.Subject, OccurredAt: a.OccurredAt, Links: a.Links, Badges: a.Badges, Visibility: a.Visibility}
}
