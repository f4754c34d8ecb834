package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"blindcopy/crm"
)

// demoMail is one message of the demonstration, as a mail client would send it.
type demoMail struct {
	what string // it shows
	from crm.Party
	to   []crm.Party
	cc   []crm.Party
	bcc  crm.Address // of the envelope

	sender   crm.Address // envelope sender; from if empty
	subject  string
	id       string
	answers  []string // Message-IDs, the oldest first
	at       time.Time
	text     string
	html     string // with it the mail is multipart/alternative
	file     string // name of an attachment
	redirect crm.Address
}

// demoMails is the play: what managers and clients of the sample company write to each other.
func demoMails(ctx context.Context, o *office, now time.Time) ([]demoMail, error) {
	bcc := map[crm.Address]crm.Address{}
	for _, email := range []crm.Address{demoAnna, demoKarl, demoMei} {
		u, err := o.store.User(ctx, email)
		if err != nil {
			return nil, err
		}
		bcc[email] = u.BCCAddress
	}
	anna := crm.Party{Name: "Anna Weber", Address: demoAnna}
	karl := crm.Party{Name: "Karl Brandt", Address: demoKarl}
	mei := crm.Party{Name: "Mei Lin", Address: demoMei}
	ben := crm.Party{Name: "Ben Carter", Address: demoClient}
	olivia := crm.Party{Name: "Olivia Reed", Address: "olivia@client.example"}
	ago := func(days, hours int) time.Time {
		return now.Add(-time.Duration(days)*day - time.Duration(hours)*time.Hour)
	}
	offer := demoMail{
		what: "Anna writes to Ben, with her BCC address", from: anna, to: []crm.Party{ben}, bcc: bcc[demoAnna],
		subject: "Offer for your new website", id: "offer-1", at: ago(2, 3),
		text: "Dear Ben,\n\nas discussed, here is our offer for the new website. We could begin next month.\n\nBest regards\nAnna",
		html: "<p>Dear Ben,</p><p>as discussed, here is our <b>offer</b> for the new website. We could begin next month.</p><p>Best regards<br>Anna</p>",
		file: "offer.pdf",
	}
	return []demoMail{
		offer,
		{what: "The same message once more: it is filed once", from: offer.from, to: offer.to, bcc: offer.bcc, subject: offer.subject,
			id: offer.id, at: offer.at, text: offer.text, html: offer.html, file: offer.file},
		{what: "Ben answers; Anna's mailbox redirects it", from: ben, to: []crm.Party{anna}, bcc: bcc[demoAnna], sender: demoAnna, redirect: demoAnna,
			subject: "Re: Offer for your new website", id: "offer-2@client", answers: []string{"offer-1"}, at: ago(1, 22),
			text: "Hello Anna,\n\nthank you, that looks good. Can you include the shop?\n\nBen\n\nOn Monday Anna Weber wrote:\n> Dear Ben,"},
		{what: "Anna answers him, and the conversation stays on its deal", from: anna, to: []crm.Party{ben}, bcc: bcc[demoAnna],
			subject: "Re: Offer for your new website", id: "offer-3", answers: []string{"offer-1", "offer-2@client"}, at: ago(1, 20),
			text: "Dear Ben,\n\nof course. The new figures are below: 12,400 for everything.\n\nAnna"},
		{what: "One mail to two clients", from: anna, to: []crm.Party{ben, olivia}, bcc: bcc[demoAnna],
			subject: "Workshop on Thursday", id: "workshop", at: ago(0, 5), text: "Dear both,\n\nshall we meet on Thursday at ten?\n\nAnna"},
		{what: "A Russian client, names and text in Cyrillic", from: anna, to: []crm.Party{{Name: "Анна Каренина", Address: "karenina@romashka.example"}},
			bcc: bcc[demoAnna], subject: "Коммерческое предложение", id: "romashka", at: ago(1, 2),
			text: "Добрый день!\n\nВысылаю предложение по поставке оборудования.\n\nС уважением,\nАнна Вебер"},
		{what: "A client with two open deals: a person will choose", from: karl, to: []crm.Party{{Name: "Jürgen Müller", Address: "juergen@mueller.example"}},
			bcc: bcc[demoKarl], subject: "Größere Stückzahl möglich?", id: "mueller", at: ago(0, 4),
			text: "Lieber Herr Müller,\n\nkönnen wir über eine größere Stückzahl sprechen?\n\nViele Grüße\nKarl Brandt"},
		{what: "A Japanese client", from: mei, to: []crm.Party{{Name: "佐藤 花子", Address: "sato@sakura.example"}}, bcc: bcc[demoMei],
			subject: "お打ち合わせの件", id: "sakura", at: ago(0, 3), text: "佐藤様\n\n来週のお打ち合わせはいかがでしょうか。\n\nMei Lin"},
		{what: "Somebody nobody knows: a lead is made", from: mei, to: []crm.Party{{Name: "Priya Shah", Address: "priya.shah@brightpath.example"}},
			bcc: bcc[demoMei], subject: "Nice to meet you at the fair", id: "fair", at: ago(0, 2),
			text: "Dear Priya,\n\nit was good to meet you. May I show you what we do?\n\nMei"},
		{what: "A colleague: not a client's business", from: anna, to: []crm.Party{karl}, bcc: bcc[demoAnna],
			subject: "Lunch?", id: "lunch", at: ago(0, 1), text: "At one, as always?"},
	}, nil
}

// send delivers the mail over SMTP and returns what the server said to its last byte.
func (m demoMail) send(ctx context.Context, address string) (reply string, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	c, err := smtp.NewClient(conn, "localhost")
	if err != nil {
		return "", err
	}
	defer c.Close()
	from := m.sender
	if from == "" {
		from = m.from.Address
	}
	if err := c.Mail(string(from)); err != nil {
		return "", err
	}
	if err := c.Rcpt(string(m.bcc)); err != nil {
		return "", err
	}
	if reply, err = data(c.Text, m.format()); err != nil {
		return "", err
	}
	return reply, c.Quit()
}

// data is the DATA command. net/smtp has it too, but keeps the reply to itself.
func data(text *textproto.Conn, message string) (reply string, err error) {
	id, err := text.Cmd("DATA")
	if err != nil {
		return "", err
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	if _, _, err := text.ReadResponse(354); err != nil {
		return "", err
	}
	w := text.DotWriter()
	if _, err := w.Write([]byte(message)); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	_, reply, err = text.ReadResponse(250)
	return reply, err
}

// format writes the message (RFC 5322, RFC 2045, RFC 2047).
func (m demoMail) format() string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	if m.redirect != "" { // RFC 5322 §3.6.6: above the header it had
		field("Resent-From", string(m.redirect))
		field("Resent-To", string(m.bcc))
		field("Resent-Date", m.at.Format(time.RFC1123Z))
	}
	field("Date", m.at.Format(time.RFC1123Z))
	field("From", parties(m.from))
	field("To", parties(m.to...))
	field("Cc", parties(m.cc...))
	field("Subject", mime.QEncoding.Encode("utf-8", m.subject))
	field("Message-ID", demoID(m.id))
	if n := len(m.answers); n > 0 {
		var refs []string
		for _, id := range m.answers {
			refs = append(refs, demoID(id))
		}
		field("In-Reply-To", refs[n-1])
		field("References", strings.Join(refs, " "))
	}
	field("MIME-Version", "1.0")
	b.WriteString(m.content())
	return b.String()
}

func demoID(id string) string {
	if !strings.Contains(id, "@") {
		id += "@nordlicht"
	}
	return "<" + id + ".example>"
}

func parties(list ...crm.Party) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = mime.QEncoding.Encode("utf-8", p.Name) + " <" + string(p.Address) + ">"
	}
	return strings.Join(texts, ", ")
}

// content is the body with its own header fields.
func (m demoMail) content() string {
	body := textPart("text/plain", m.text)
	if m.html != "" {
		body = multipart("alternative", body, textPart("text/html", m.html))
	}
	if m.file != "" {
		body = multipart("mixed", body, filePart(m.file))
	}
	return body
}

func textPart(mediaType, text string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n"))) // a strings.Builder takes everything
	_ = w.Close()
	return "Content-Type: " + mediaType + "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b.String() + "\r\n"
}

// filePart is a small file that passes for a PDF.
func filePart(name string) string {
	data := base64.StdEncoding.EncodeToString([]byte("%PDF-1.4\n% A sample of Blindcopy.\n%%EOF\n"))
	return fmt.Sprintf("Content-Type: application/pdf; name=%q\r\nContent-Disposition: attachment; filename=%q\r\n"+
		"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n", name, name, data)
}

func multipart(kind string, parts ...string) string {
	boundary := "=_" + kind // no part of ours has a line like this
	var b strings.Builder
	fmt.Fprintf(&b, "Content-Type: multipart/%s; boundary=%q\r\n\r\n", kind, boundary)
	for _, p := range parts {
		fmt.Fprintf(&b, "--%s\r\n%s", boundary, p)
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.String()
}
