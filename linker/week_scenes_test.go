package linker_test

import (
	"fmt"
	"slices"
	"time"

	"blindcopy/crm"
)

// invent plays all scenes. Each begins at a time of its own in the week; only the order of a scene's own mails
// means anything.
func (w *week) invent() {
	for i := range 60 {
		w.conversation(clients[i%len(clients)], i)
	}
	for i := range 15 {
		w.forwardedInline(i)
	}
	for i := range 6 {
		w.forwardOfWhatIsHere(i)
		w.forwardedAsAttachments(i)
		w.newPerson(i)
		w.newsletter(i)
		w.stranger(i)
		w.excluded(i)
		w.private(i)
		w.newColleagueOfAClient(i)
		w.twoClients(i)
	}
	for i := range 14 {
		w.colleagues(i)
	}
	for i := range 4 {
		w.deliveryReport(i)
		w.colleaguesAboutAClient(i)
		w.colleagueAnswers(i)
		w.fromAnUnknownAlias(i)
	}
	w.again()
}

// start is the nth moment of the week for a scene to begin.
func (w *week) start() time.Time {
	day := w.rand.IntN(5)
	return time.Date(2026, time.November, 23+day, 7, w.rand.IntN(540), w.rand.IntN(60), 0, time.FixedZone("", 3600))
}

// letter begins a mail in a language: with an id, a date and something to say.
func (w *week) letter(from person, to []person, at time.Time, l language, s style) *note {
	w.n++
	return &note{from: from, to: to, at: at, language: l, style: s, id: fmt.Sprintf("%s%d@%s", idStyles[s], w.n, domainOf(from)), subject: phrase(l.subjects, w.n), text: phrase(l.texts, w.n)}
}

// expect puts a mail into the post.
func (w *week) expect(n *note, rcpt, what string, verdict crm.Verdict, on ...string) *post {
	p := &post{at: n.at, rcpt: rcpt, raw: n.bytes(), what: fmt.Sprintf("%s (%s, %s)", what, n.style, n.id), verdict: verdict, on: on}
	if verdict == crm.Filed {
		p.direction = crm.Incoming
		if n.from == anna || n.from == uwe {
			p.direction = crm.Outgoing
		}
	}
	w.posts = append(w.posts, p)
	if w.byNote[n.id] == nil {
		w.byNote[n.id] = p
	}
	return p
}

// conversation goes back and forth with a client, now and then with a colleague of his, or with Uwe, in Cc.
// With a client who has two deals, every other conversation names one with a tag.
func (w *week) conversation(c client, i int) {
	who := c.people[i/len(clients)%len(c.people)]
	on := append([]string{who.name}, c.onlyDeal()...)
	rcpt := "anna"
	if len(c.deals) > 1 && i%2 == 0 {
		rcpt = fmt.Sprintf("anna+deal%d", w.dealID(c.deals[i/2%2]))
		on = append(on, "deal "+c.deals[i/2%2])
	}
	n := w.letter(anna, []person{who}, w.start(), c.language, style(i%5))
	if i%3 == 0 {
		n.cc = append(n.cc, uwe)
	}
	if i%4 == 1 && len(c.people) > 1 {
		other := c.people[1-slices.Index(c.people, who)]
		n.cc = append(n.cc, other)
		on = append(on, other.name)
	}
	w.expect(n, rcpt, "a mail to a client", crm.Filed, on...)
	w.sent = append(w.sent, n)
	for turn := range w.rand.IntN(5) {
		n = w.answer(n, style((i+turn+1)%5))
		w.expect(n, "anna", "an answer in a conversation", crm.Filed, on...)
		w.sent = append(w.sent, n)
	}
	if i%7 == 0 {
		w.absence(n, c, on)
	}
}

// answer is a reply to all, some minutes later.
func (w *week) answer(n *note, s style) *note {
	from := n.to[0]
	r := w.letter(from, []person{n.from}, n.at.Add(time.Duration(3+w.rand.IntN(25))*time.Minute), n.language, s)
	r.cc, r.subject, r.quoted = n.cc, n.subject, n
	return r
}

// absence answers by itself that nobody is there.
func (w *week) absence(n *note, c client, on []string) {
	if n.from != anna {
		n = w.answer(n, gmail)
		w.expect(n, "anna", "one more answer", crm.Filed, on...)
	}
	r := w.letter(n.to[0], []person{anna}, n.at.Add(time.Minute), c.language, outlook)
	r.subject, r.text, r.quoted = c.language.absent, c.language.absent, n
	r.bare = true
	r.header = "Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n"
	only := append([]string{n.to[0].name}, onDeals(on)...)
	empty := ""
	w.expect(r, "anna", "an absence note", crm.Filed, only...).envelope = &empty
}

func onDeals(on []string) (deals []string) {
	for _, name := range on {
		if len(name) > 5 && name[:5] == "deal " {
			deals = append(deals, name)
		}
	}
	return deals
}

// forwardedInline passes a client's mail on, which came before the BCC address was in use.
func (w *week) forwardedInline(i int) {
	var of []client
	for _, c := range clients {
		if len(c.deals) < 2 && c.language.name == languages[i/5%3].name {
			of = append(of, c)
		}
	}
	c := of[i%len(of)]
	who := c.people[0]
	at := w.start()
	original := w.letter(who, []person{anna}, at.AddDate(0, 0, -3-i), c.language, style((i+1)%5))
	original.subject = fmt.Sprintf("%s (%d)", original.subject, i)
	f := w.letter(anna, []person{w.bcc("anna")}, at, c.language, style(i%5))
	f.forwarded = original
	p := w.expect(f, "anna", "an inline forward of a client's mail", crm.Filed, append([]string{who.name}, c.onlyDeal()...)...)
	p.direction, p.occurred = crm.Incoming, original.at
}

func (w *week) bcc(user string) person {
	return person{"", string(w.town.user(user).BCCAddress)}
}

// forwardOfWhatIsHere passes on what is on the timelines already: no second activity.
func (w *week) forwardOfWhatIsHere(i int) {
	from := slices.IndexFunc(w.sent[i*5:], func(n *note) bool { return n.from != anna && n.quoted != nil }) + i*5
	n := w.sent[from]
	f := w.letter(uwe, []person{w.bcc("uwe")}, n.at.Add(40*time.Minute), n.language, thunderbird)
	f.forwarded = n
	p := w.expect(f, "uwe", "a forward of a mail that is here", crm.Duplicate, w.expectedOf(n)...)
	p.sameMailAs = n.id
}

func (w *week) expectedOf(n *note) []string { return w.byNote[n.id].on }

func (w *week) forwardedAsAttachments(i int) {
	c := clients[i%3]
	who := c.people[0]
	at := w.start()
	f := w.letter(anna, []person{w.bcc("anna")}, at, c.language, apple)
	for k := range 2 + i%2 {
		from, to := who, anna
		if k == 1 {
			from, to = anna, who
		}
		old := w.letter(from, []person{to}, at.AddDate(0, -1, -i*3-k), c.language, style((i+k)%5))
		old.subject = fmt.Sprintf("%s [%d/%d]", old.subject, i, k)
		f.attached = append(f.attached, old)
	}
	p := w.expect(f, "anna", "mails forwarded as attachments", crm.Filed, append([]string{who.name}, c.onlyDeal()...)...)
	p.originals, p.direction = len(f.attached), ""
}

// newPerson is somebody nobody knows: Anna writes first, he answers, she writes to a colleague of his.
func (w *week) newPerson(i int) {
	domain := fmt.Sprintf("newcomer%d.example", i)
	if i%3 == 2 {
		domain = "gmail.com"
	}
	l := languages[i%3]
	who := person{phrase(l.names, i), fmt.Sprintf("somebody%d@%s", i, domain)}
	on := "lead " + who.address
	n := w.letter(anna, []person{who}, w.start(), l, style(i%5))
	w.expect(n, "anna", "a mail to somebody unknown", crm.Filed, on)
	r := w.answer(n, style((i+2)%5))
	w.expect(r, "anna", "his answer", crm.Filed, on)
	if domain != "gmail.com" {
		colleague := w.letter(anna, []person{{"", "office@" + domain}}, r.at.Add(time.Hour), l, style((i+3)%5))
		w.expect(colleague, "anna", "a mail to his colleague", crm.Filed, on)
	}
}

func (w *week) newsletter(i int) {
	n := w.letter(person{"Daily Deals", fmt.Sprintf("news@shop%d.example", i)}, []person{anna}, w.start(), languages[i%3], gmail)
	n.header = "List-Unsubscribe: <https://shop.example/u>\r\nList-Id: <daily.shop.example>\r\nPrecedence: bulk\r\n"
	rcpt := "anna"
	if i%2 == 0 {
		n.to, rcpt = []person{{"", "info@corp.example"}}, "info@corp.example"
	}
	w.expect(n, rcpt, "a newsletter", crm.Held)
}

func (w *week) stranger(i int) {
	n := w.letter(person{"Winner", fmt.Sprintf("win%d@lottery.example", i)}, []person{clients[i].people[0]}, w.start(), english, style(i%5))
	w.expect(n, "anna", "a stranger", crm.Held)
}

func (w *week) excluded(i int) {
	who := []person{{"Lea Law", "lea@lawyer.example"}, {"Doctor", "doctor@praxis.example"}}[i%2]
	n := w.letter(anna, []person{who}, w.start(), german, style(i%5))
	w.expect(n, "anna", "a mail to somebody on the never-log list", crm.Ignored)
	w.expect(w.answer(n, outlook), "anna", "her answer", crm.Ignored)
	if i%2 == 0 {
		c := clients[i]
		both := w.letter(anna, []person{who}, w.start(), german, style(i%5))
		both.cc = []person{c.people[0]}
		w.expect(both, "anna", "a client beside the never-log list", crm.Filed, append([]string{c.people[0].name}, c.onlyDeal()...)...)
	}
}

func (w *week) private(i int) {
	c := clients[i]
	n := w.letter(anna, []person{c.people[0]}, w.start(), c.language, style(i%5))
	rcpt := "anna"
	switch i % 3 {
	case 0:
		n.subject = "[private] " + n.subject
	case 1:
		n.header = "Sensitivity: Private\r\n"
	case 2:
		rcpt = "anna+private"
	}
	w.expect(n, rcpt, "a private mail", crm.Filed, append([]string{c.people[0].name}, c.onlyDeal()...)...).private = true
}

// newColleagueOfAClient is nobody's contact, but at the domain of a company.
func (w *week) newColleagueOfAClient(i int) {
	c := clients[i]
	n := w.letter(anna, []person{{"", fmt.Sprintf("buchhaltung%d@%s", i, c.domain)}}, w.start(), c.language, style(i%5))
	w.expect(n, "anna", "a mail to a client's unknown colleague", crm.Filed, append([]string{"company " + c.name}, c.onlyDeal()...)...)
}

// twoClients in one mail have a deal each, and nobody can tell which is meant.
func (w *week) twoClients(i int) {
	one, two := clients[0], clients[4+i%2]
	n := w.letter(anna, []person{one.people[0], two.people[0]}, w.start(), english, style(i%5))
	w.expect(n, "anna", "a mail to two clients", crm.Filed, one.people[0].name, two.people[0].name)
}

func (w *week) colleagues(i int) {
	n := w.letter(anna, []person{uwe, {"", "reception@corp.example"}}, w.start(), languages[i%3], style(i%5))
	rcpt := "anna"
	if i%2 == 0 {
		n.from, n.to, rcpt = uwe, []person{anna}, "uwe"
	}
	w.expect(n, rcpt, "a mail among colleagues", crm.Ignored)
}

// colleaguesAboutAClient talk about a mail that is on a timeline.
func (w *week) colleaguesAboutAClient(i int) {
	n := w.sent[i*3]
	r := w.answer(n, style(i%5))
	r.from, r.to, r.cc, r.at = uwe, []person{anna}, nil, n.at.Add(12*time.Hour)
	w.expect(r, "uwe", "colleagues inside a client's conversation", crm.Held)
}

// colleagueAnswers a client in Anna's place, with her BCC address.
func (w *week) colleagueAnswers(i int) {
	c := clients[i]
	n := w.letter(anna, []person{c.people[0]}, w.start(), c.language, style(i%5))
	on := append([]string{c.people[0].name}, c.onlyDeal()...)
	w.expect(n, "anna", "a mail to a client", crm.Filed, on...)
	r := w.answer(n, outlook)
	r.from, r.to, r.cc = uwe, []person{c.people[0]}, []person{anna}
	w.expect(r, "anna", "a colleague's mail in the same conversation", crm.Filed, on...)
}

func (w *week) fromAnUnknownAlias(i int) {
	n := w.letter(person{"Anna Agent", fmt.Sprintf("sales%d@corp.example", i)}, []person{clients[i].people[0]}, w.start(), german, style(i%5))
	w.expect(n, "anna", "an address of ours that no user has", crm.Held)
}

// deliveryReport tells that a mail of Anna's could not be delivered.
func (w *week) deliveryReport(i int) {
	c := clients[i]
	n := w.letter(anna, []person{c.people[0]}, w.start(), c.language, style(i%5))
	on := append([]string{c.people[0].name}, c.onlyDeal()...)
	w.expect(n, "anna", "a mail that bounces", crm.Filed, on...)
	r := w.letter(person{"Mail Delivery System", "MAILER-DAEMON@mx.relay.example"}, []person{anna}, n.at.Add(time.Minute), english, gmail)
	r.bounceOf = n
	empty := ""
	p := w.expect(r, "anna", "the delivery report", crm.Filed, on...)
	p.envelope, p.direction, p.sameMailAs = &empty, crm.Outgoing, n.id
}

// again: some of the mails arrive a second time, from the same or through the other manager.
func (w *week) again() {
	for i := range 12 {
		n := w.sent[i*7%len(w.sent)]
		rcpt := []string{"anna", "uwe"}[i%2]
		second := *n
		p := w.expect(&second, rcpt, "a mail that is here already", crm.Duplicate, w.expectedOf(n)...)
		p.at, p.sameMailAs = n.at.Add(time.Duration(2+i)*time.Hour), n.id
	}
}
