package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"strings"
)

// lineWidth is where the prose of the sample is wrapped, in characters.
const lineWidth = 90

// Sample returns a commented configuration file that holds the defaults.
func Sample() string {
	var out strings.Builder
	out.WriteString("# Blindcopy. Every setting, with its default; leave out what you do not change.\n" +
		"# The environment overrides this file (BLINDCOPY_SMTP_LISTEN for smtp.listen), flags override both.\n")
	for _, s := range sections(Defaults()) {
		indent := strings.Repeat("  ", depth(s.key))
		if s.key != "" {
			heading := strings.Repeat("  ", depth(s.key)-1)
			fmt.Fprintf(&out, "\n%s%s%s:\n", comment(s.doc, heading), heading, lastName(s.key))
		}
		for _, f := range s.fields {
			if s.key == "" {
				out.WriteByte('\n')
			}
			out.WriteString(comment(f.sentence(), indent))
			fmt.Fprintf(&out, "%s%s: %s\n", indent, lastName(f.key), yamlValue(f.value.Interface()))
			if f.isSecret() {
				fmt.Fprintf(&out, "%s# %s: /run/secrets/%s\n", indent, lastName(f.fileKey()), lastName(f.key))
			}
		}
	}
	return out.String()
}

// Markdown returns the reference of all settings, docs/config.md.
func Markdown() string {
	var out strings.Builder
	out.WriteString(preface)
	for _, s := range sections(Defaults()) {
		if s.key != "" {
			fmt.Fprintf(&out, "\n## %s\n\n%s\n", s.key, s.doc)
		}
		out.WriteString("\n| key | default | what it does |\n|---|---|---|\n")
		for _, f := range s.fields {
			row := strings.ReplaceAll(f.sentence(), "|", `\|`)
			fmt.Fprintf(&out, "| `%s` | `%s` | %s |\n", f.key, yamlValue(f.value.Interface()), row)
			if f.isSecret() {
				fmt.Fprintf(&out, "| `%s` | | The file that holds `%s`; instead of it. |\n", f.fileKey(), f.key)
			}
		}
	}
	return out.String()
}

const preface = `# Configuration

<!-- Printed from package config by its test; change the words there: go test ./config -update -->

A setting is looked for in four places, and the first that has it wins:

1. flags of the command, such as ` + "`--database`" + `;
2. the environment: ` + "`BLINDCOPY_SMTP_LISTEN`" + ` sets ` + "`smtp.listen`" + `, ` + "`BLINDCOPY_SMTP_TLS_CERT_FILE`" + ` sets ` + "`smtp.tls.cert_file`" + `;
3. one YAML file: ` + "`--config FILE`" + `, else the one ` + "`BLINDCOPY_CONFIG`" + ` names, else ` + "`./blindcopy.yaml`" + `, else ` + "`/etc/blindcopy/blindcopy.yaml`" + `;
4. the defaults below.

What is not understood stops the program: an unknown key, an unknown ` + "`BLINDCOPY_`" + ` variable, a value of the wrong form.
The message names the key and the place. ` + "`blindcopy config check`" + ` tells without starting anything, ` + "`blindcopy config show`" + ` prints
what is in effect and where it came from, ` + "`blindcopy config sample`" + ` prints a commented file.

How values are written:

- a **list** is a YAML list; one value stands for a list of one. In the environment it is separated by commas. ` + "`none`" + ` is the empty list.
- a **duration** has units: ` + "`30s`, `5m`, `12h`, `30d`, `2w`, `1d12h`" + `. A day is 24 hours.
- a **size** is a number of bytes, or has a unit: ` + "`256KiB`, `35MiB`, `1GiB`" + ` (powers of 1024), ` + "`kB`, `MB`, `GB`" + ` (powers of 1000).
- a **network** is ` + "`10.0.0.0/8`" + ` or one address, ` + "`192.0.2.7`" + `.
- an environment variable set to nothing counts as not set.
- a **secret**, such as a ` + "`database`" + ` URL with a password, can stand in a file of its own: ` + "`database_file`" + ` names it, in the environment
  ` + "`BLINDCOPY_DATABASE_FILE`" + `. Line ends behind it are dropped. Secrets are masked wherever settings are shown.
`

// sentence is the prose of a field with its choices and bounds.
func (f field) sentence() string {
	text := f.doc()
	if choices := f.choices(); choices != nil {
		text += " One of " + strings.Join(choices, ", ") + "."
	}
	least, most := f.tag.Get("min"), f.tag.Get("max")
	if least != "" && most != "" {
		text += " From " + f.boundText("min") + " to " + f.boundText("max") + "."
	}
	return text
}

func (f field) boundText(tag string) string {
	limit, _ := f.bound(tag, f.value)
	return fmt.Sprint(limit.Interface())
}

func depth(key string) int {
	if key == "" {
		return 0
	}
	return strings.Count(key, ".") + 1
}

// comment wraps prose into lines of a YAML comment.
func comment(prose, indent string) string {
	var out strings.Builder
	line := indent + "#"
	for word := range strings.FieldsSeq(prose) {
		if len(line)+1+len(word) > lineWidth {
			out.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	return out.String() + line + "\n"
}

// yamlValue writes a value on one line, a list as [a, b].
func yamlValue(value any) string {
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Slice:
		elements := make([]string, v.Len())
		for i := range elements {
			elements[i] = yamlValue(v.Index(i).Interface())
		}
		return "[" + strings.Join(elements, ", ") + "]"
	case reflect.String:
		return yamlText(v.String())
	}
	if network, isNetwork := value.(netip.Prefix); isNetwork {
		return yamlText(network.String())
	}
	return fmt.Sprint(value)
}

// plainText is what YAML reads as the text it looks like, without quotes.
var plainText = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./@+-]*(:[A-Za-z0-9_./@+-]+)*$`)

// yamlText quotes a text that YAML might take for something else. %q's escapes
// are YAML's too, for all that is printable.
func yamlText(text string) string {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "null", "y", "n":
		return fmt.Sprintf("%q", text)
	}
	if plainText.MatchString(text) {
		return text
	}
	return fmt.Sprintf("%q", text)
}
