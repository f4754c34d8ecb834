package crm

// NewUser is a manager to be.
type NewUser struct {
	Email     Address   `json:"email"` // the primary
	Name      string    `json:"name"`
	Admin     bool      `json:"admin"`
	Addresses []Address `json:"addresses"` // further ones he writes from; verified, like all that an admin adds
}

// NewContact is a person at a client. It has a name or an address at least.
type NewContact struct {
	Name          string
	Emails        []Address // the primary first
	Company       string    // name or id; made if it is a new name
	CompanyDomain string    // of a company that has to be made
	Owner         Address
}

// ContactEdit changes what is set; a nil field stays.
type ContactEdit struct {
	Name                *string
	Add, Former, Remove []Address
	Company             *string // name or id, made if it is a new name; "" is none
	Owner               *Address
}

// NewCompany is a client's organisation.
type NewCompany struct {
	Name    string
	Domains []string
	Emails  []Address // of the company itself, such as office@
	Owner   Address
}

// CompanyEdit changes what is set; a nil field stays.
type CompanyEdit struct {
	Name                      *string
	AddDomains, RemoveDomains []string
	Add, Former, Remove       []Address
	Owner                     *Address
}

// ConvertLead is what a lead becomes.
type ConvertLead struct {
	Name          string // "" keeps the lead's
	Company       string // name or id; made if new; "" is none
	CompanyDomain string // of a company that has to be made
	// Contact takes the addresses. 0 is the contact that has one of them already, else a new one.
	Contact int64
	Owner   Address // "" is whoever was responsible for the lead
}

// NewDeal is a sale in progress.
type NewDeal struct {
	Title    string
	Contacts []int64
	Company  int64 // 0 for none
	Owner    Address
	Stage    string
}

// DealEdit changes what is set; a nil field stays.
type DealEdit struct {
	Title, Stage                *string
	AddContacts, RemoveContacts []int64
	Company                     *int64 // 0 is none
	Owner                       *Address
}

// NewMailbox is a department's way in.
type NewMailbox struct {
	Address    Address
	Visibility Visibility // empty is linked

	Distribution *Distribution // nil: its leads have nobody responsible
}

// MailboxEdit changes what is set; a nil field stays.
type MailboxEdit struct {
	Unknown, UnknownIncoming *Policy // "" inherits the default again
	Visibility               *Visibility
	Distribution             *Distribution
}
