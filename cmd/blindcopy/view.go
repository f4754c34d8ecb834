package main

import (
	"context"
	"fmt"

	"blindcopy/crm"
)

// viewer finds out who looks: --as EMAIL, or the machine's operator, who sees everything.
func (o *office) viewer(ctx context.Context) (crm.Viewer, error) {
	if o.as == "" {
		return crm.Operator(), nil
	}
	u, err := o.user(ctx, o.as)
	if err != nil {
		return crm.Viewer{}, fmt.Errorf("--as %s: %w", o.as, err)
	}
	return crm.ViewerOf(u), nil
}

// hidden tells that nothing but the envelope is left of a mail.
func hidden(act crm.Activity) bool {
	return act.Visibility == crm.VisibilityEnvelope && act.Subject+act.Preview+act.Note == ""
}

// subjectOf is the subject of a mail as a list shows it.
func subjectOf(act crm.Activity) string {
	if hidden(act) {
		return "(not shown)"
	}
	return subject(act.Subject)
}
