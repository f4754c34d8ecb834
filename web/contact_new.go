package web

import "blindcopy/crm"

// contactNewPage is the form of a new contact: what was typed, and what was wrong with it.
type contactNewPage struct {
	Name, Emails, Company, Owner string
	Users                        []crm.User
	Problem                      string
}

func (s *Server) contactForm(r *request) (answer, error) {
	return s.contactNew(r, contactNewPage{Emails: r.query("email"), Name: r.query("name"), Owner: string(r.user.Email)}, 0)
}

func (s *Server) contactNew(r *request, d contactNewPage, status int) (answer, error) {
	var err error
	d.Users, err = s.Store.Users(r.Context())
	return page{Template: "contact_new", Title: "New contact", Nav: "contacts", Status: status, Data: d}, err
}

func (s *Server) contactAdd(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	d := contactNewPage{Name: r.field("name"), Emails: r.field("emails"), Company: r.field("company"), Owner: r.field("owner")}
	c, later, err := s.addContact(r, d)
	if text, ok := problem(err); ok {
		d.Problem = text
		return s.contactNew(r, d, 422)
	}
	if err != nil {
		return nil, err
	}
	r.done("%s was added.%s", nameOf(c), laterWords(later))
	return redirect(recordPath(crm.KindContact, c.ID)), nil
}

func (s *Server) addContact(r *request, d contactNewPage) (c crm.Contact, later crm.Later, err error) {
	n := crm.NewContact{Name: d.Name, Company: d.Company}
	if n.Emails, err = r.addresses("emails"); err != nil {
		return c, later, err
	}
	n.Owner, _ = crm.ParseAddress(d.Owner)
	return s.Office.AddContact(r.Context(), n)
}

// laterWords tells what a change did to mail that was here before; what it warns of stands on a line of its own.
func laterWords(l crm.Later) string {
	text := ""
	if l.Filed > 0 {
		text += " " + count(l.Filed, "mail") + " that had been held is filed now."
	}
	if l.Linked > 0 {
		text += " " + count(l.Linked, "mail") + " from before is on the timeline too."
	}
	for _, warning := range l.Warnings {
		text += "\n" + sentence(warning)
	}
	return text
}
