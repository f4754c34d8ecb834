package linker

import (
	"cmp"
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
		explainHeld(&b, in)
	}
	return strings.TrimSpace(b.String())
}

func explainHeld(b *strings.Builder, in *crm.Intake) {
	if in.Kept {
		b.WriteString("Held for a person to decide. " + detailsOf(in, nil))
		return
	}
	b.WriteString("It was held for a person to decide, and nobody did before its content expired. " + detailsOf(in, nil))
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
		b.WriteString("It was filed, and is on no timeline any more. " + detailsOf(onlyActs(in), nil))
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

// settled leaves out the questions that stood before the last link was made, or were dismissed: they are answered.
func settled(in *crm.Intake) *crm.Intake {
	last := -1
	for i, step := range in.Steps {
		if linkCodes[step.Code] || step.Code == crm.Dismissed {
			last = i
		}
	}
	after := *in
	after.Steps = nil
	for i, step := range in.Steps {
		if i > last || !step.Code.IsQuestion() {
			after.Steps = append(after.Steps, step)
		}
	}
	return &after
}

// onlyActs leaves of a trace what people did.
func onlyActs(in *crm.Intake) *crm.Intake {
	acts := *in
	acts.Steps = slices.DeleteFunc(slices.Clone(in.Steps), func(s crm.Step) bool {
		return s.Code != crm.Undone && s.Code != crm.Unlinked && s.Code != crm.Dismissed
	})
	return &acts
}

func explainIgnored(b *strings.Builder, in *crm.Intake) {
	if slices.Contains(in.Codes, crm.Dismissed) {
		b.WriteString(cmp.Or(detailsOf(onlyActs(in), nil), crm.Dismissed.Meaning().Sentence))
		return
	}
	b.WriteString("Not filed, and its content was not kept. " + detailsOf(notAsked(in), nil))
}

// notAsked leaves the questions out of a trace that ended without one.
func notAsked(in *crm.Intake) *crm.Intake {
	rest := *in
	rest.Steps = slices.DeleteFunc(slices.Clone(in.Steps), func(s crm.Step) bool { return s.Code.IsQuestion() })
	return &rest
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
	crm.DealByOverlap: true, crm.DealPinned: true, crm.DealByPolicy: true, crm.LeadCreated: true, crm.ContactCreated: true,
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
