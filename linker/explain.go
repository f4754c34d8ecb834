package linker

import (
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// Explain puts the trace of an intake into sentences for the person who asks where a mail
// went. It reads the stored trace and works nothing out anew.
func Explain(in *crm.Intake, activities []crm.Activity) string {
	var b strings.Builder
	switch in.Verdict {
	case crm.Filed:
		explainFiled(&b, in, activities)
	case crm.Duplicate:
		explainDuplicate(&b, in, activities)
	case crm.Ignored:
		explainIgnored(&b, in)
	case crm.Refused:
		b.WriteString("Refused. " + detailsOf(in, nil))
	default:
		b.WriteString("Held for a person to decide. " + detailsOf(in, nil))
	}
	return strings.TrimSpace(b.String())
}

// explainFiled is "Filed to Ben Client (Acme GmbH), because …; not to a deal, because …".
func explainFiled(b *strings.Builder, in *crm.Intake, activities []crm.Activity) {
	var where []string
	for _, a := range activities {
		for _, link := range a.Links {
			title, why := because(in, link)
			where = append(where, fmt.Sprintf("%s, because %s", refTitle(link.Kind, title), why))
		}
	}
	if len(where) == 0 && len(activities) > 0 {
		b.WriteString("It was filed, but every link was undone or taken away since. ")
		return
	}
	if len(where) == 0 {
		b.WriteString("Filed. " + detailsOf(in, nil))
		return
	}
	b.WriteString("Filed to " + strings.Join(where, "; to "))
	if why := notToADeal(in, activities); why != "" {
		b.WriteString("; not to a deal" + why)
	}
	b.WriteString(". " + detailsOf(settled(in), linkCodes))
}

// notToADeal is the last word on why no deal has the mail; nothing where one has it by now.
func notToADeal(in *crm.Intake, activities []crm.Activity) (why string) {
	for _, a := range activities {
		if slices.ContainsFunc(a.Links, func(l crm.Link) bool { return l.Kind == crm.KindDeal }) {
			return ""
		}
	}
	for _, step := range in.Steps {
		if rest, ok := strings.CutPrefix(step.Detail, "Not to a deal"); ok {
			why = strings.TrimSuffix(rest, ".")
		}
	}
	return why
}

// settled leaves out the questions that stood before the last link was made: they are answered.
func settled(in *crm.Intake) *crm.Intake {
	last := -1
	for i, step := range in.Steps {
		if linkCodes[step.Code] {
			last = i
		}
	}
	after := *in
	after.Steps = nil
	for i, step := range in.Steps {
		if i > last || !questionCodes[step.Code] {
			after.Steps = append(after.Steps, step)
		}
	}
	return &after
}

// questionCodes are reasons to ask a person.
var questionCodes = map[crm.Code]bool{
	crm.UnknownReview: true, crm.Stranger: true, crm.SenderUnverified: true, crm.NoVisibleRecipient: true, crm.ForwardNoAddress: true,
	crm.InternalInThread: true, crm.InternalError: true, crm.Unparseable: true, crm.LeadWasDismissed: true,
}

func explainIgnored(b *strings.Builder, in *crm.Intake) {
	if slices.Contains(in.Codes, crm.Dismissed) {
		b.WriteString("A person dismissed it. ")
		return
	}
	b.WriteString("Not filed, and its content was not kept. " + detailsOf(in, questionCodes))
}

// because finds the reason of a link in the trace, and how the record was called there; else what its code means.
func because(in *crm.Intake, link crm.Link) (title, why string) {
	for _, step := range in.Steps {
		why, _ := step.Data["because"].(string)
		if why == "" || step.Code != link.Code || fmt.Sprint(step.Data["kind"]) != string(link.Kind) {
			continue
		}
		title, ok := step.Data["title"].(string)
		if id, known := step.Data["id"]; !ok || !known {
			return link.Title, why
		} else if fmt.Sprint(id) == fmt.Sprint(link.ID) {
			return title, why
		}
	}
	return link.Title, lowerFirst(strings.TrimSuffix(link.Code.Meaning().Sentence, "."))
}

func explainDuplicate(b *strings.Builder, in *crm.Intake, activities []crm.Activity) {
	b.WriteString("The same mail was already here")
	if in.DuplicateOf != "" {
		fmt.Fprintf(b, ", as intake %s", in.DuplicateOf)
	}
	b.WriteString("; this sighting was added to it. ")
	for _, a := range activities {
		var titles []string
		for _, link := range a.Links {
			titles = append(titles, refTitle(link.Kind, link.Title))
		}
		if len(titles) > 0 {
			b.WriteString("It is filed to " + strings.Join(titles, ", ") + ". ")
		}
	}
	b.WriteString(detailsOf(in, map[crm.Code]bool{crm.DuplicateOf: true}))
}

// linkCodes are reasons of links: the links themselves say them.
var linkCodes = map[crm.Code]bool{
	crm.ContactByAddress: true, crm.CompanyByAddress: true, crm.CompanyByDomain: true, crm.LeadByAddress: true, crm.LeadByDomain: true,
	crm.LeadWasConverted: true, crm.LinkedByUser: true, crm.DealExplicit: true, crm.DealByThread: true, crm.DealUnique: true,
	crm.DealByOverlap: true, crm.DealPinned: true, crm.LeadCreated: true, crm.ContactCreated: true,
}

// detailsOf joins the sentences of the steps, leaving out those said already.
func detailsOf(in *crm.Intake, said map[crm.Code]bool) string {
	var b strings.Builder
	once := map[string]bool{}
	for _, step := range in.Steps {
		if said[step.Code] || step.Detail == "" || once[step.Detail] || said != nil && strings.HasPrefix(step.Detail, "Not to a deal") {
			continue
		}
		once[step.Detail] = true
		b.WriteString(step.Detail + " ")
	}
	return b.String()
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
