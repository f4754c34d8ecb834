package crm

// Later is what a change to people or rules did to mail that was here before (SEMANTICS §14).
type Later struct {
	Filed    int      `json:"filed"`  // held mails that were filed
	Linked   int      `json:"linked"` // filed mails that got another link
	Warnings []string `json:"warnings"`
}

// Converted is a lead as it then is, and what it became.
type Converted struct {
	Lead    Lead    `json:"lead"`
	Contact Contact `json:"contact"`
	Deal    *Deal   `json:"deal"`
	Later   Later   `json:"later"`
}
