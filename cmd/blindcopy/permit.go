package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// ownVerbs are those of `blindcopy user` that a user who is no admin may use, on himself. A further address to
// write from is not among them: what is verified is believed.
var ownVerbs = []string{"card", "rotate", "absent", "present"}

// adminVerbs are about the whole company.
var adminVerbs = []string{"audit", "backup", "check", "expire", "restore", "user", "mailbox"}

// permit refuses what the user of --as may not do: users, mailboxes and the database as a whole are the admins' business, but for
// his own. What he may see of mail is the viewer's.
func (o *office) permit(ctx context.Context, cmd *cobra.Command, args []string) error {
	path := strings.Fields(cmd.CommandPath())
	verifies := strings.HasSuffix(cmd.CommandPath(), " review verify") // which is `user address add`
	if o.as == "" || len(path) < 2 || !slices.Contains(adminVerbs, path[1]) && !verifies {
		return nil
	}
	v, err := o.viewer(ctx)
	if err != nil || v.IsAdmin() {
		return err
	}
	verb := ""
	if len(path) > 2 && (path[1] == "user" || path[1] == "mailbox") {
		verb = path[2]
	}
	switch {
	case verb == "list" || verb == "show":
		return nil // without the BCC addresses of others
	case path[1] == "mailbox" && verb == "edit":
		return nil // of his own: see ownMailbox
	case path[1] == "user" && slices.Contains(ownVerbs, verb):
		if u, err := o.user(ctx, args[0]); err != nil || u.Email == v.Email() {
			return err
		}
	}
	return withHint(fmt.Errorf("%s is no admin, and may not use %s here", v.Email(), cmd.CommandPath()), "blindcopy user show %s", v.Email())
}
