package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"blindcopy/crm"
)

// defaultLimit is how much a list shows unless asked for more.
const defaultLimit = 100

// limitFlag adds --limit to a list.
func limitFlag(cmd *cobra.Command, limit *int) {
	cmd.Flags().IntVar(limit, "limit", defaultLimit, "show at most this many, newest first; 0 is all")
}

func checkLimit(limit int) error {
	if limit < 0 {
		return usagef("--limit %d: write a number from 0 (all) up", limit)
	}
	return nil
}

// parseEmail reads an address that a person typed.
func parseEmail(text string) (crm.Address, error) {
	if a, ok := typedAddress(text); ok {
		return a, nil
	}
	return "", usagef("%q is no e-mail address", text)
}

// typedAddress is crm.ParseAddress for what people type, where it is strict: bob@@client.example comes as an
// address in mail, on a keyboard it is a slip. RFC 5321 §4.1.2 wants quotes around such a local part. A domain
// without a dot is a slip, too, but for localhost.
func typedAddress(text string) (crm.Address, bool) {
	a, ok := crm.ParseAddress(text)
	if d := a.Domain(); !strings.Contains(d, ".") && d != "localhost" {
		return a, false
	}
	if !ok || strings.HasPrefix(a.Local(), `"`) {
		return a, ok
	}
	return a, !strings.ContainsAny(a.Local(), "@ ()<>[]:;,\\\"")
}

func parseEmails(texts []string) ([]crm.Address, error) {
	var list []crm.Address
	for _, text := range texts {
		a, err := parseEmail(text)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// optionalEmail is parseEmail where "" means nobody.
func optionalEmail(text string) (crm.Address, error) {
	if text == "" {
		return "", nil
	}
	return parseEmail(text)
}

// parseID reads the number of a record: 7, or contact:7 as it is printed elsewhere.
func parseID(kind, text string) (int64, error) {
	digits := strings.TrimPrefix(strings.TrimPrefix(text, kind+":"), "#")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 {
		return 0, usagef("%q is no %s id: write its number, such as 7", text, kind)
	}
	return id, nil
}

// recordID is parseID that also takes an e-mail address of the record.
func (o *office) recordID(ctx context.Context, kind crm.Kind, text string) (int64, error) {
	if !strings.Contains(text, "@") {
		return parseID(string(kind), text)
	}
	a, err := parseEmail(text)
	if err != nil {
		return 0, err
	}
	refs, err := o.store.FindParty(ctx, a)
	if err != nil {
		return 0, err
	}
	for _, ref := range refs {
		if ref.Kind == kind {
			return ref.ID, nil
		}
	}
	return 0, noRecordf("no %s has the address %s", kind, a)
}

// recordFlags are --contact N, --lead N, --deal N and --company N.
type recordFlags struct {
	ids map[crm.Kind]*int64
}

var recordKinds = []crm.Kind{crm.KindContact, crm.KindCompany, crm.KindLead, crm.KindDeal}

func newRecordFlags(cmd *cobra.Command, what string) *recordFlags {
	f := &recordFlags{ids: map[crm.Kind]*int64{}}
	for _, kind := range recordKinds {
		f.ids[kind] = cmd.Flags().Int64(string(kind), 0, what+" the "+string(kind)+" with this `id`")
	}
	return f
}

// refs returns the records named, in a fixed order.
func (f *recordFlags) refs() ([]crm.Ref, error) {
	var refs []crm.Ref
	for _, kind := range recordKinds {
		id := *f.ids[kind]
		if id < 0 {
			return nil, usagef("--%s %d is no id", kind, id)
		}
		if id > 0 {
			refs = append(refs, crm.Ref{Kind: kind, ID: id})
		}
	}
	return refs, nil
}

// some is refs where at least one is wanted.
func (f *recordFlags) some() ([]crm.Ref, error) {
	refs, err := f.refs()
	if err == nil && len(refs) == 0 {
		err = usagef("name a record: --contact, --company, --lead or --deal and its id")
	}
	return refs, err
}

// somethingChanged refuses an edit without any flag of its own.
func somethingChanged(cmd *cobra.Command) error {
	given := false
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { given = given || f.Changed })
	if !given {
		return usagef("nothing to change: see %s --help", cmd.CommandPath())
	}
	return nil
}

// changed returns what a flag says, nil where it was not given or the command has none.
func changed(cmd *cobra.Command, name string) *string {
	if !cmd.Flags().Changed(name) {
		return nil
	}
	value, err := cmd.Flags().GetString(name)
	if err != nil { // a flag of another type: a slip of ours that a test meets at once
		panic(err)
	}
	return &value
}

// changedEmail is changed for an address; "" takes it away.
func changedEmail(cmd *cobra.Command, name string) (*crm.Address, error) {
	text := changed(cmd, name)
	if text == nil {
		return nil, nil
	}
	a, err := optionalEmail(*text)
	return &a, err
}

// words joins anything with String or a string kind: for lists on one line.
func words[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = string(item)
	}
	return strings.Join(texts, ", ")
}

// oneOf reads a word of a closed set; "" is none of them.
func oneOf[T ~string](flag, text string, set ...T) (T, error) {
	if text == "" {
		return "", nil
	}
	for _, word := range set {
		if text == string(word) {
			return word, nil
		}
	}
	return "", usagef("%s %q: one of %s", flag, text, words(set))
}

// choices lets the shell complete a flag of a closed set.
func choices[T ~string](cmd *cobra.Command, flag string, set ...T) {
	texts := make([]string, len(set))
	for i, word := range set {
		texts[i] = string(word)
	}
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(texts, cobra.ShellCompDirectiveNoFileComp)) // fails for an unknown flag only
}
