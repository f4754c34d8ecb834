package linker

import "blindcopy/crm"

// tried puts a plan into the form of an intake, for `try`.
func tried(in *crm.Inbound, m *crm.Mail, plan *crm.Plan, f *crm.Facts) crm.Intake {
	intake := crm.Intake{
		ID: in.ID, ReceivedAt: in.ReceivedAt, Via: in.Via, Helo: in.Helo, TLS: in.TLS, MailFrom: in.MailFrom, Size: in.Raw.Size(),
		MessageID: m.MessageID, From: m.Author(in.MailFrom).String(), Subject: m.Subject, Verdict: plan.Verdict(), Codes: plan.Codes(),
		Auth: plan.Auth, Visibility: plan.Visibility,
		Rcpts: []string{}, Steps: []crm.Step{}, ActivityIDs: []crm.ActivityID{}, Created: []crm.Ref{}, Candidates: []crm.Candidate{},
		Results: []crm.ResultReport{}, WouldLink: []crm.Link{}, WouldCreate: []crm.Creation{},
	}
	if in.Remote.IsValid() {
		intake.Remote = in.Remote.String()
	}
	for _, r := range in.Recipients {
		intake.Rcpts = append(intake.Rcpts, r.Path)
	}
	if u := f.Rules.Users[plan.Owner]; u != nil {
		intake.Owner = u.Email
	}
	for i := range plan.Results {
		tryResult(&intake, &plan.Results[i])
	}
	return intake
}

func tryResult(intake *crm.Intake, r *crm.Result) {
	report := crm.ResultReport{Original: r.Mail.Original, Verdict: r.Verdict, Codes: r.Codes(), DuplicateOf: r.DuplicateOf, FirstIn: r.FirstIn}
	if r.Activity != 0 {
		id := r.Activity
		report.ActivityID = &id
		intake.ActivityIDs = append(intake.ActivityIDs, id)
	}
	intake.Results = append(intake.Results, report)
	intake.Steps = append(intake.Steps, r.Steps...)
	intake.Candidates = append(intake.Candidates, r.Candidates...)
	intake.Proposals = append(intake.Proposals, r.Proposals...)
	if intake.DuplicateOf == "" {
		intake.DuplicateOf = r.DuplicateOf
	}
	for _, link := range r.Links {
		if link.Created == 0 {
			intake.WouldLink = append(intake.WouldLink, crm.Link{Kind: link.Ref.Kind, ID: link.Ref.ID, Title: link.Title, Code: link.Code, Source: link.Source})
		}
	}
	for _, record := range r.Creates {
		intake.WouldCreate = append(intake.WouldCreate, crm.Creation{Kind: record.Kind, Name: record.Name, Address: record.Emails[0]})
	}
}
