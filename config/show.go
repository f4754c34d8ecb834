package config

import (
	"fmt"
	"strings"
)

// Source is the kind of place a value came from.
type Source string

const (
	FromDefault     Source = "default"
	FromFile        Source = "file"
	FromEnvironment Source = "environment"
	FromFlag        Source = "flag"
)

// Setting is one value in effect, for people to see: secrets are masked. Value
// is a text, a bool, an int, a Size, a Duration, or a list; in JSON a Size is a
// number of bytes and a Duration a text such as 30d.
type Setting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`
	Source Source `json:"source"`
}

// String writes the value as it would stand in a YAML file, on one line.
func (s Setting) String() string { return yamlValue(s.Value) }

// Effective returns every setting in the order of Sample.
func (c *Config) Effective() []Setting {
	var all []Setting
	for _, f := range fields(c) {
		setting := Setting{Key: f.key, Value: f.value.Interface(), Source: FromDefault}
		if f.isSecret() {
			setting.Value = f.masked()
		}
		if source, isSet := c.sources[f.key]; isSet {
			setting.Source = source
		}
		all = append(all, setting)
	}
	return all
}

// About says what each setting does, by its key: the prose of the sample.
func About() map[string]string {
	about := map[string]string{}
	for _, f := range fields(Defaults()) {
		about[f.key] = f.sentence()
	}
	return about
}

// Show writes the settings in effect as YAML, with the source of each value
// that is not the default. Secrets are masked; the rest can be loaded again.
func (c *Config) Show() string {
	var out strings.Builder
	for _, setting := range c.Effective() {
		fmt.Fprintf(&out, "%s: %s", setting.Key, setting)
		if setting.Source != FromDefault {
			fmt.Fprintf(&out, "  # %s", setting.Source)
		}
		out.WriteByte('\n')
	}
	return out.String()
}
