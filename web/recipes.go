package web

// recipe is how a mail program adds the BCC address by itself.
type recipe struct {
	Program string
	Steps   []string
	Note    string // what it cannot do
}

// recipes are for the programs that managers have. Which of them can do it by themselves was looked up in their own help.
func recipes(bcc string) []recipe {
	return []recipe{
		{Program: "Thunderbird", Steps: []string{
			"Open Account Settings and choose Copies & Folders under your account.",
			"Tick “Bcc these email addresses” and enter " + bcc + ".",
			"Every mail from this account has the address in Bcc; take it out of a mail that should not be filed.",
		}},
		{Program: "Apple Mail", Steps: []string{
			"Save the contact card below, so that typing “CRM” in the Bcc field completes the address.",
			"Show the field: in a new mail, View → Bcc Address Field.",
		}, Note: "Apple Mail has no rule that adds a fixed address to each mail: its automatic Bcc is to yourself only."},
		{Program: "Outlook", Steps: []string{
			"Save the contact card below, so that typing “CRM” in the Bcc field completes the address.",
			"In a new mail, choose Options → Bcc to show the field; it stays shown.",
			"To do it in one click: on Windows, add a Quick Step “New message” with " + bcc + " in Bcc.",
		}, Note: "Outlook's own rules add Cc, not Bcc; Cc would show the address to your client. An administrator can add Bcc with a mail flow rule in Exchange."},
		{Program: "Gmail", Steps: []string{
			"Save the contact card below in Google Contacts, so that typing “CRM” in Bcc completes the address.",
			"In a new mail press Ctrl+Shift+B (⌘+Shift+B) to open the Bcc field.",
		}, Note: "Gmail adds no Bcc by itself. An administrator of Google Workspace can, with a routing setting for outgoing mail."},
		{Program: "Phone", Steps: []string{
			"Point the camera at the code on this page and save the contact.",
			"In a new mail tap Cc/Bcc, type “CRM” and choose the contact.",
		}, Note: "On an iPhone, Settings → Mail → Always Bcc Myself is only for your own address."},
	}
}
