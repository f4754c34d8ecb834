package linker

import (
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// strictest of what the sightings of a mail ask for; "" asks for nothing.
func strictest(v, asked crm.Visibility) crm.Visibility {
	if asked == "" {
		return v
	}
	return v.Stricter(asked)
}

// seenBefore: the same mail was here. A user's own sighting does once what the first
// could not; any other is a capture, and no more.
func (d *decision) seenBefore(first *crm.Sighting, keys []string) {
	mayDoMore := (first.Verdict == crm.Held || first.Verdict == crm.Ignored || first.Barred) && d.speaker.owns() && d.plan.Auth.Result != crm.AuthFail
	if mayDoMore {
		d.judge()
	}
	switch {
	case !mayDoMore || d.res.Verdict != crm.Filed:
		d.fresh(keys)
		d.capture(first)
	case first.Activity == 0:
		d.takeOver(first)
	default:
		d.complete(first)
	}
}

// capture makes the result a second sighting. Record tags count only from a user's own act.
func (d *decision) capture(first *crm.Sighting) {
	d.res.Verdict, d.res.Claims = crm.Duplicate, d.otherNames(first)
	d.res.DuplicateOf, d.res.FirstIn, d.res.Activity = first.Intake, first.Original, first.Activity
	d.say(crm.DuplicateOf, fmt.Sprintf("The same mail was already here, as intake %s.", first.Intake), map[string]any{"intake": first.Intake})
	if first.Activity != 0 && d.speaker.owns() && d.plan.Auth.Result != crm.AuthFail {
		d.explicit()
	}
}

// otherNames are Message-IDs that a relay gave to a mail of ours on its way: the client's answer names one of them.
func (d *decision) otherNames(first *crm.Sighting) []crm.Claim {
	if first.Activity == 0 || !strings.HasPrefix(first.Key, markPrefix) {
		return nil
	}
	return slices.DeleteFunc(d.res.Claims, func(c crm.Claim) bool {
		return !strings.HasPrefix(c.Key, idPrefix) || len(d.facts.Sightings[c.Key]) > 0
	})
}

// takeOver files what the first sighting could not, and closes it.
func (d *decision) takeOver(first *crm.Sighting) {
	for i := range d.res.Claims {
		if d.res.Claims[i].Key == first.Key {
			d.res.Claims[i].N, d.res.Claims[i].Replace = first.N, true
		}
	}
	d.res.DuplicateOf, d.res.FirstIn = first.Intake, first.Original
	if first.Verdict == crm.Held {
		d.res.Supersedes = first.Intake
	}
}

// complete adds to the activity there is what its first sighting was barred from making.
func (d *decision) complete(first *crm.Sighting) {
	d.res.Verdict, d.res.New = crm.Duplicate, nil
	d.res.DuplicateOf, d.res.FirstIn, d.res.Activity = first.Intake, first.Original, first.Activity
	d.res.Keep = crm.KeepAWhile
	for i := range d.res.Claims {
		d.res.Claims[i].N, d.res.Claims[i].Replace = first.N, true
	}
	d.res.Steps = slices.Insert(d.res.Steps, 0, crm.Step{Code: crm.DuplicateOf, Detail: fmt.Sprintf("The same mail was already here, as intake %s; this sighting could do what the first could not.", first.Intake)})
}
