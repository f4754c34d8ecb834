package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// The groups that `blindcopy --help` lists the verbs in.
const (
	groupServer = "server"
	groupCRM    = "crm"
	groupMail   = "mail"
)

// rootCommand is the table of contents: every verb of the program.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "blindcopy",
		Short: "Track e-mail on the timelines of your clients",
		Long: `Blindcopy files mail with clients on the timelines of contacts, companies, leads and deals.

A manager adds a personal BCC address to a mail; Blindcopy is the mail server behind that
address. It takes the message, finds who wrote to whom, files it once, and can always say why.

Begin with "blindcopy init", or see it work with "blindcopy demo".

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such record.`,
		Example: `  blindcopy init --domain bcc.example.com --admin anna@example.com
  blindcopy serve
  blindcopy timeline ben@client.example
  blindcopy explain 01JQ8V6Z3M0000000000000000`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", "", "read this configuration `file` (default ./blindcopy.yaml, then /etc/blindcopy/blindcopy.yaml)")
	flags.StringVar(&a.database, "database", "", "use this database, whatever the configuration says")
	flags.BoolVar(&a.json, "json", false, "print one JSON document")
	flags.BoolVar(&a.quiet, "quiet", false, "print the result only, no messages or hints")
	flags.StringVar(&a.as, "as", "", "see what the user with this `e-mail` may see (default: everything)")
	root.AddGroup(
		&cobra.Group{ID: groupServer, Title: "Server:"},
		&cobra.Group{ID: groupCRM, Title: "People and sales:"},
		&cobra.Group{ID: groupMail, Title: "Mail:"})
	root.SetHelpCommandGroupID(groupServer)
	root.SetCompletionCommandGroupID(groupServer)
	a.add(root, groupServer, a.serveCommand(), a.initCommand(), a.demoCommand(), a.configCommand(), a.doctorCommand(), a.dnsCommand(),
		a.backupCommand(), a.restoreCommand(), a.checkCommand(), a.expireCommand(), a.migrateCommand(), a.healthcheckCommand(), a.versionCommand())
	a.add(root, groupCRM, a.userCommand(), a.contactCommand(), a.companyCommand(), a.leadCommand(), a.dealCommand(),
		a.mailboxCommand(), a.exclusionCommand(), a.auditCommand())
	a.add(root, groupMail, a.timelineCommand(), a.activityCommand(), a.reviewCommand(), a.explainCommand(), a.intakeCommand(),
		a.tryCommand(), a.relinkCommand())
	a.finish(root)
	root.SetFlagErrorFunc(explainFlag)
	return root
}

func (a *app) add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		root.AddCommand(c)
	}
}

// finish walks all commands: a verb notes that it began, a family of verbs wants one of them.
func (a *app) finish(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		a.finish(sub)
	}
	if takesFile := strings.Contains(cmd.Use, "FILE"); !takesFile {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error { return explainArgs(cmd, args, check(cmd, args)) }
	}
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.started = true
			return work(cmd, args)
		}
		return
	}
	if len(cmd.Commands()) > 0 {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = a.noVerb
	}
}

// noVerb answers `blindcopy user` and `blindcopy user lst`: cobra would print the help and
// call it done.
func (a *app) noVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 && !cmd.HasParent() {
		return cmd.Help()
	}
	if len(args) == 0 {
		var verbs []string
		for _, c := range cmd.Commands() {
			verbs = append(verbs, c.Name())
		}
		return usagef("%q needs a verb: %s", cmd.CommandPath(), strings.Join(verbs, ", "))
	}
	err := usagef("unknown command %q for %q", args[0], cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return withHint(err, "Did you mean %q?", cmd.CommandPath()+" "+near[0])
	}
	return withHint(err, "%s --help", cmd.CommandPath())
}
