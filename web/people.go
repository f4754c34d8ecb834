package web

import "blindcopy/crm"

// peopleInRole are those of a mail who stand in one field of its header.
type peopleInRole struct {
	Role  crm.ParticipantRole
	First []crm.Participant
	Rest  []crm.Participant // folded away: a mail to a hundred people is still read
}

// peopleAtOnce is how many of a field are shown at once.
const peopleAtOnce = 6

// byRole groups the people of a mail by the field they stand in, in the order of the mail.
func byRole(people []crm.Participant) (groups []peopleInRole) {
	at := map[crm.ParticipantRole]int{}
	for _, p := range people {
		i, known := at[p.Role]
		if !known {
			i = len(groups)
			at[p.Role] = i
			groups = append(groups, peopleInRole{Role: p.Role})
		}
		if g := &groups[i]; len(g.First) < peopleAtOnce {
			g.First = append(g.First, p)
		} else {
			g.Rest = append(g.Rest, p)
		}
	}
	return groups
}
