package store

import "blindcopy/crm"

// What lists are narrowed by and records are made of are nouns, so that web can name them without knowing this package.
type (
	Filter         = crm.RecordFilter
	LeadFilter     = crm.LeadFilter
	ActivityFilter = crm.ActivityFilter
	IntakeFilter   = crm.IntakeFilter
	ReviewFilter   = crm.ReviewFilter

	NewUser     = crm.NewUser
	NewContact  = crm.NewContact
	ContactEdit = crm.ContactEdit
	NewCompany  = crm.NewCompany
	CompanyEdit = crm.CompanyEdit
	ConvertLead = crm.ConvertLead
	NewDeal     = crm.NewDeal
	DealEdit    = crm.DealEdit
	NewMailbox  = crm.NewMailbox
	MailboxEdit = crm.MailboxEdit

	ImportRow    = crm.ImportRow
	ImportReport = crm.ImportReport
	LineError    = crm.LineError
)
