package main

import (
	"fmt"
	"strings"

	"blindcopy/crm"
)

func writeActivity(s *screen, act crm.Activity) {
	var people, links, captures, files []string
	for _, p := range act.Participants {
		people = append(people, pad(string(p.Role), len(crm.RoleEnvelope))+"  "+oneLine(party(p.Name, p.Address))+who(p))
	}
	for _, l := range act.Links {
		links = append(links, fmt.Sprintf("%s  %s  (%s, %s)", l.Ref(), oneLine(l.Title), l.Code, l.Source))
	}
	for _, c := range act.Captures {
		captures = append(captures, fmt.Sprintf("%s  %s  %s by %s", c.IntakeID, s.moment(c.ReceivedAt), c.User, c.Via))
	}
	for _, f := range act.Attachments {
		files = append(files, attachment(f))
	}
	thread := fmt.Sprint(act.ThreadID)
	if act.ThreadPinned {
		thread += ", pinned to its deal"
	}
	s.fields(arrow(act.Direction)+" "+oneLine(subjectOf(act)),
		field{"id", fmt.Sprint(act.ID)},
		field{"date", s.moment(act.OccurredAt)},
		field{"written date", oneLine(act.DateWritten)},
		field{"people", strings.Join(people, "\n")},
		field{"on", strings.Join(links, "\n")},
		field{"captured", strings.Join(captures, "\n")},
		field{"marks", words(act.Badges)},
		field{"visibility", string(act.Visibility)},
		field{"thread", thread},
		field{"attachments", strings.Join(files, "\n")},
		field{"bounces", s.bounces(act.Bounces)},
		field{"note", oneLine(act.Note)})
	text := act.Text
	if text == "" {
		text = act.Preview
	}
	if text != "" {
		s.line()
		s.paragraph("  ", strings.TrimSpace(manyLines(text)))
	}
}

func who(p crm.Participant) string {
	if p.ID == nil {
		return ""
	}
	return fmt.Sprintf("  %s:%d", p.Kind, *p.ID)
}

func attachment(f crm.Attachment) string {
	text := oneLine(f.Name)
	if text == "" {
		text = f.ContentType
	}
	if f.Size != nil {
		text += " (" + size(*f.Size) + ")"
	}
	return text
}

func (s *screen) bounces(list []crm.Bounce) string {
	var texts []string
	for _, b := range list {
		texts = append(texts, fmt.Sprintf("%s  %s  %s", b.Address, b.Status, s.moment(b.At)))
	}
	return strings.Join(texts, "\n")
}

func arrow(d crm.Direction) string {
	if d == crm.Outgoing {
		return "→"
	}
	return "←"
}

// counterparties names the other side: the recipients of our mail, the author of theirs.
func counterparties(act crm.Activity) string {
	if act.Direction == crm.Incoming {
		return displayed(act.Author.Name, act.Author.Address)
	}
	var names []string
	for _, p := range act.Participants {
		if p.Kind != crm.KindUser && (p.Role == crm.RoleTo || p.Role == crm.RoleCc || p.Role == crm.RoleBcc) {
			names = append(names, displayed(p.Name, p.Address))
		}
	}
	return strings.Join(names, ", ")
}

// party is a person as people write it, with the address in its own script.
func party(name string, a crm.Address) string {
	if name == "" || a == "" {
		return displayed(name, a)
	}
	return name + " <" + a.Unicode() + ">"
}

// displayed is a name, or else the address.
func displayed(name string, address crm.Address) string {
	if name == "" {
		return address.Unicode()
	}
	return name
}

// linksOf names the records a mail is on; only of one kind if that is given.
func linksOf(act crm.Activity, kind crm.Kind) string {
	var texts []string
	for _, l := range act.Links {
		if kind == "" || l.Kind == kind {
			texts = append(texts, l.Ref().String())
		}
	}
	return strings.Join(texts, " ")
}
