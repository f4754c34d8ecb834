package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/crm"
)

// heaviest is the largest weight in a queue.
const heaviest = 100

// leadFlags say who becomes responsible for the leads of a shared mailbox (SEMANTICS §11).
type leadFlags struct {
	rules, queue    []string
	order, fallback string
	noRules         bool
}

func newLeadFlags(cmd *cobra.Command) *leadFlags {
	f := &leadFlags{}
	cmd.Flags().StringArrayVar(&f.rules, "rule", nil,
		"who gets mail that fits: `recipient=A,words=x|y,domain=D,user=EMAIL`; may be repeated, the first that fits decides")
	cmd.Flags().StringSliceVar(&f.queue, "queue", nil, "`users` who take turns: anna@example.com,uwe@example.com:2 (a weight of 2)")
	cmd.Flags().StringVar(&f.order, "order", "", "how the queue gives out leads: `order`, weighted or fewest_open")
	cmd.Flags().StringVar(&f.fallback, "fallback", "", "`e-mail` of the user who gets a lead when nobody else is there")
	choices(cmd, "order", crm.QueueInOrder, crm.QueueWeighted, crm.QueueFewestOpen)
	return f
}

// given tells whether any of the flags was.
func (f *leadFlags) given(cmd *cobra.Command) bool {
	for _, name := range []string{"rule", "queue", "order", "fallback", "no-rules"} {
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed {
			return true
		}
	}
	return false
}

// distribution is what the flags make of the one there is; what they do not name stays.
func (f *leadFlags) distribution(cmd *cobra.Command, have *crm.Distribution) (*crm.Distribution, error) {
	if !f.given(cmd) {
		return have, nil
	}
	d := crm.Distribution{}
	if have != nil {
		d = *have
	}
	if err := f.changeRules(cmd, &d); err != nil {
		return nil, err
	}
	if err := f.changeQueue(cmd, &d); err != nil {
		return nil, err
	}
	fallback, err := changedEmail(cmd, "fallback")
	if err == nil && fallback != nil {
		d.Fallback = *fallback
	}
	return &d, err
}

func (f *leadFlags) changeRules(cmd *cobra.Command, d *crm.Distribution) error {
	if f.noRules {
		d.Rules = nil
	}
	if !cmd.Flags().Changed("rule") {
		return nil
	}
	d.Rules = nil
	for _, text := range f.rules {
		rule, err := parseRule(text)
		if err != nil {
			return err
		}
		d.Rules = append(d.Rules, rule)
	}
	return nil
}

// changeQueue also keeps order and weights in step: weights that nothing looks at are a slip.
func (f *leadFlags) changeQueue(cmd *cobra.Command, d *crm.Distribution) error {
	order, err := oneOf("--order", f.order, crm.QueueInOrder, crm.QueueWeighted, crm.QueueFewestOpen)
	if err != nil {
		return err
	}
	if order != "" {
		d.Order = order
	}
	if !cmd.Flags().Changed("queue") {
		return nil
	}
	d.Queue = nil
	weighted := false
	for _, text := range f.queue {
		member, err := parseMember(text)
		if err != nil {
			return err
		}
		weighted = weighted || member.Weight > 1
		d.Queue = append(d.Queue, member)
	}
	switch {
	case weighted && order != "" && order != crm.QueueWeighted:
		return usagef("--order %s gives the weights in --queue no meaning: leave them out, or write --order weighted", order)
	case weighted:
		d.Order = crm.QueueWeighted
	}
	return nil
}

// parseMember reads one user of a queue: an address, and after a colon a weight.
func parseMember(text string) (crm.QueueMember, error) {
	member := crm.QueueMember{Weight: 1}
	address, weight, weighed := strings.Cut(strings.TrimSpace(text), ":")
	if weighed {
		n, err := strconv.Atoi(weight)
		if err != nil || n < 1 || n > heaviest {
			return member, usagef("--queue %q: a weight is a number from 1 to %d", text, heaviest)
		}
		member.Weight = n
	}
	var err error
	member.User, err = parseEmail(address)
	return member, err
}

// parseRule reads a rule: conditions as key=value and who gets the mail, with commas between.
func parseRule(text string) (rule crm.DistributionRule, err error) {
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		if key, value = strings.TrimSpace(key), strings.TrimSpace(value); value == "" || seen[key] {
			return rule, usagef("--rule %q: %q is no condition; write recipient=A,words=x|y,domain=D,user=EMAIL, each at most once", text, part)
		}
		seen[key] = true
		if err := setRule(&rule, key, value); err != nil {
			return rule, fmt.Errorf("--rule %q: %w", text, err)
		}
	}
	if rule.User == "" {
		return rule, usagef("--rule %q names nobody: add user=EMAIL", text)
	}
	return rule, nil
}

func setRule(rule *crm.DistributionRule, key, value string) (err error) {
	switch key {
	case "recipient":
		rule.Recipient, err = parseEmail(value)
	case "user":
		rule.User, err = parseEmail(value)
	case "domain":
		if rule.Domain, err = crm.NormalPattern(value); err != nil || strings.Contains(rule.Domain, "@") {
			err = usagef("%q is no domain: write client.example, or *.client.example for all below it", value)
		}
	case "words":
		for word := range strings.SplitSeq(value, "|") {
			if word = strings.TrimSpace(word); word != "" {
				rule.Words = append(rule.Words, word)
			}
		}
		if len(rule.Words) == 0 {
			err = usagef("words=%s holds no word", value)
		}
	default:
		err = usagef("there is no %q: write recipient, words, domain and user", key)
	}
	return err
}

// leadFields are the lines of a mailbox that say who gets its leads.
func leadFields(m crm.Mailbox) []field {
	d := m.Distribution
	if d == nil {
		if m.Kind == crm.MailboxShared {
			return []field{{"leads go to", "nobody yet: blindcopy mailbox edit " + fmt.Sprint(m.ID) + " --queue EMAIL,EMAIL"}}
		}
		return nil
	}
	var rules, queue []string
	for i, rule := range d.Rules {
		rules = append(rules, fmt.Sprintf("%d. %s", i+1, ruleWords(rule)))
	}
	for _, member := range d.Queue {
		text := string(member.User)
		if d.Order == crm.QueueWeighted {
			text += fmt.Sprintf(" ×%d", max(member.Weight, 1))
		}
		queue = append(queue, text)
	}
	return []field{
		{"rules for leads", strings.Join(rules, "\n")},
		{"else the queue", strings.Join(queue, "\n")},
		{"order", orderWords(d)},
		{"else the fallback", string(d.Fallback)},
	}
}

func orderWords(d *crm.Distribution) string {
	switch {
	case len(d.Queue) == 0:
		return ""
	case d.Order == crm.QueueWeighted:
		return "weighted: in turn, by their weights"
	case d.Order == crm.QueueFewestOpen:
		return "fewest_open: whoever has the fewest open leads"
	}
	return "order: one after the other"
}

// ruleWords is a rule as a sentence.
func ruleWords(rule crm.DistributionRule) string {
	var conditions []string
	if rule.Recipient != "" {
		conditions = append(conditions, "written to "+string(rule.Recipient))
	}
	if len(rule.Words) > 0 {
		conditions = append(conditions, `"`+oneLine(strings.Join(rule.Words, `" or "`))+`" in the subject`)
	}
	if rule.Domain != "" {
		conditions = append(conditions, "from "+rule.Domain)
	}
	if len(conditions) == 0 {
		conditions = []string{"any mail"}
	}
	return strings.Join(conditions, ", ") + " → " + string(rule.User)
}
