package web

import (
	"html/template"
	"net/url"

	"blindcopy/crm"
)

// recipe is how the BCC address gets into mail that is sent with a program.
type recipe struct {
	Program string
	How     string // byItself, byHand, byAdmin
	Steps   []string
	Command string       // to copy
	Link    template.URL // that opens a new mail with the address in Bcc; worth a bookmark
	Note    string       // what it cannot do, and what not to do
}

// What a program does with the address. We say what is so: a recipe that does not work costs a manager his afternoon,
// and one that puts the address into Cc shows it to his client.
const (
	byItself = "By itself"
	byHand   = "By hand"
	byAdmin  = "Your mail administrator"
)

// recipes are for the programs that managers have: first those that add the address by themselves, then those in which a
// person does, last what an administrator of the company's mail can do for all.
func recipes(u crm.User) []recipe {
	bcc := string(u.BCCAddress)
	return append(append(clientsByThemselves(bcc), clientsByHand(bcc)...), serverRecipes(string(u.Email), bcc)...)
}

func clientsByThemselves(bcc string) []recipe {
	return []recipe{
		{Program: "Thunderbird", How: byItself, Steps: []string{
			"Open Account Settings, and under your account Copies & Folders.",
			"Below “When sending messages, automatically”, tick “Bcc these email addresses” and enter " + bcc + ".",
			"If you write from several identities, do it for each: Manage Identities, Edit, Copies & Folders.",
		}, Note: "You see the address in each new mail: take it out of one that should not be filed."},
		{Program: "Thunderbird or K-9 on Android", How: byItself, Steps: []string{
			"Open Settings, your account, Sending mail, Composition defaults.",
			"Enter " + bcc + " into “Bcc all messages to”.",
		}},
		{Program: "Fastmail", How: byItself, Steps: []string{
			"Open Settings, My email addresses, and edit the address that you write from.",
			"Enter " + bcc + " where it asks for an automatic Bcc.",
		}, Note: "This holds for fastmail.com and its apps, not for another program that sends through Fastmail."},
		{Program: "Roundcube, Evolution, KMail", How: byItself, Steps: []string{
			"Roundcube: Settings, Identities, your identity: the field Bcc.",
			"Evolution: Edit, Accounts, your account, Defaults: “Always blind carbon-copy (bcc) to”.",
			"KMail: Configure, Identities, your identity, Advanced: “BCC addresses”.",
		}},
	}
}

func clientsByHand(bcc string) []recipe {
	compose := url.Values{"bcc": {bcc}}.Encode()
	return []recipe{
		{Program: "Gmail in the browser", How: byHand, Link: template.URL("https://mail.google.com/mail/?view=cm&fs=1&" + compose), Steps: []string{
			"Save the contact card above in Google Contacts, so that typing “CRM” in Bcc completes the address.",
			"In a new mail or a reply press Ctrl+Shift+B (⌘+Shift+B) to open the Bcc field.",
			"For new mail keep the link below as a bookmark: it opens one with the address in it.",
		}, Note: "Gmail adds no Bcc by itself: its filters act on mail that comes in, and its templates hold no recipients. Browser extensions that do it can read all your mail; ask your administrator first. In Google Workspace he can do better, see below."},
		{Program: "Outlook for Windows (classic)", How: byHand, Steps: []string{
			"Save the contact card, so that typing “CRM” in Bcc completes the address.",
			"In a new mail, choose Options, Bcc: the field stays shown from then on.",
			"For new mail in one click: Home, Quick Steps, Create New, New Message, Show Options, and enter " + bcc + " as Bcc.",
		}, Note: "Do not make a rule for it: Outlook's rules for sent mail can add Cc only, and Cc shows the address to your client. With Exchange or Microsoft 365 your administrator can add it for you, see below."},
		{Program: "New Outlook, Outlook on the web", How: byHand, Steps: []string{
			"Save the contact card in People, so that typing “CRM” in Bcc completes the address.",
			"Show the field in each mail: Settings, Mail, Compose and reply, “Always show Bcc”.",
		}, Note: "Rules here act on mail that comes in. With Microsoft 365 your administrator can add the address for you, see below."},
		{Program: "Apple Mail on a Mac", How: byHand, Steps: []string{
			"Save the contact card, so that typing “CRM” in Bcc completes the address.",
			"Show the field: in a new mail choose View, Bcc Address Field. It stays shown.",
		}, Note: "“Automatically Bcc myself” in its settings is for your own address only. Leave the command “defaults write com.apple.mail UserHeaders” alone that is passed around: it is not a setting of Apple's, stops working with updates, and may write the address where your client can read it."},
		{Program: "iPhone and iPad", How: byHand, Steps: []string{
			"Point the camera at the code above and save the contact.",
			"In a new mail tap Cc/Bcc, type “CRM” and choose the contact.",
		}, Note: "“Always Bcc Myself” in the settings of Mail is for your own address only."},
		{Program: "Gmail or Outlook on a phone", How: byHand, Steps: []string{
			"Point the camera at the code above and save the contact where the app looks for people.",
			"In a new mail open Cc/Bcc, type “CRM” and choose the contact.",
		}, Note: "Neither app adds a Bcc by itself. What your administrator sets up on the server holds for the phone, too."},
		{Program: "Zoho Mail, Spark, Proton, Yahoo and others", How: byHand, Link: template.URL("mailto:?bcc=" + url.PathEscape(bcc)), Steps: []string{
			"Search the settings for “Bcc”, under the account, the identity and the signature: some versions have a field for an address that gets a copy of each mail. They change too often to name the menu here.",
			"Where there is none, save the contact card. The link below opens a new mail with the address in it, and can be kept as a bookmark.",
		}, Note: "Take only what says Bcc. Cc, “forward a copy” and rules for mail that comes in are something else: Cc shows the address to your client."},
	}
}

// serverRecipes work whatever the program: the mail server adds the recipient to the envelope, and nobody reads it in the mail.
func serverRecipes(from, bcc string) []recipe {
	const all = "It copies all mail that you send to people outside. Blindcopy keeps nothing of mail among colleagues and of those on the never-log list; put “[private]” into a subject to keep a mail to yourself."
	return []recipe{
		{Program: "Microsoft 365, Exchange", How: byAdmin, Steps: []string{
			"In the Exchange admin center: Mail flow, Rules, Add a rule, Create a new rule.",
			"Apply it if the sender is " + from + ", and the recipient is outside the organization.",
			"Do: add recipients to the Bcc box, " + bcc + ". Or in PowerShell:",
		}, Command: `New-TransportRule -Name "Blindcopy ` + from + `" -From ` + from + ` -SentToScope NotInOrganization -BlindCopyTo ` + bcc, Note: all + " One rule for each person."},
		{Program: "Google Workspace", How: byAdmin, Steps: []string{
			"In the Admin console: Apps, Google Workspace, Gmail, Routing; configure Routing.",
			"Affect outbound messages only; below, in “Also deliver to”, add " + bcc + " as a recipient.",
			"In the options, let it affect only the envelope sender " + from + ".",
		}, Note: all + " One setting for each person."},
		{Program: "Postfix", How: byAdmin, Steps: []string{
			"Add the line below to /etc/postfix/sender_bcc, and run postmap /etc/postfix/sender_bcc.",
			"In master.cf, give the submission service a cleanup service of its own (-o cleanup_service_name=subcleanup), and that one -o sender_bcc_maps=hash:/etc/postfix/sender_bcc. Then: postfix reload.",
		}, Command: from + " " + bcc, Note: "In main.cf it would hold for mail from outside, too, whoever writes your address into its envelope. " + all},
	}
}
