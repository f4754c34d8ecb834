package config

import (
	"reflect"
	"strings"
)

// field is one setting of a Config, found by its tags.
type field struct {
	key   string // full dotted path: smtp.tls.cert_file
	tag   reflect.StructTag
	value reflect.Value // settable
}

// section is a struct of fields; the outermost has no key.
type section struct {
	key    string
	doc    string
	fields []field
}

// env is the name of the environment variable that sets the field.
func (f field) env() string { return variable(f.key) }

// variable is the name of the environment variable that sets a key.
func variable(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// keys are the names under which the field is set: its own, and that of the file a secret is in.
func (f field) keys() []string {
	if f.isSecret() {
		return []string{f.key, f.fileKey()}
	}
	return []string{f.key}
}

func (f field) doc() string  { return f.tag.Get("doc") }
func (f field) isList() bool { return f.value.Kind() == reflect.Slice }

// choices returns the closed set the value is from, nil if it is free.
func (f field) choices() []string {
	if one := f.tag.Get("one"); one != "" {
		return strings.Split(one, "|")
	}
	return nil
}

// sections returns the settings of c in the order of the source, a section's
// own fields before the sections inside it.
func sections(c *Config) []section {
	return walk("", "", reflect.ValueOf(c).Elem())
}

func walk(key, doc string, v reflect.Value) []section {
	own := section{key: key, doc: doc}
	var nested []section
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		name, tagged := tag.Lookup("key")
		if !tagged {
			continue
		}
		path := join(key, name)
		if v.Field(i).Kind() == reflect.Struct {
			nested = append(nested, walk(path, tag.Get("doc"), v.Field(i))...)
			continue
		}
		own.fields = append(own.fields, field{key: path, tag: tag, value: v.Field(i)})
	}
	return append([]section{own}, nested...)
}

// fields returns all settings of c, in the order of sections.
func fields(c *Config) []field {
	var all []field
	for _, s := range sections(c) {
		all = append(all, s.fields...)
	}
	return all
}

func join(section, name string) string {
	if section == "" {
		return name
	}
	return section + "." + name
}
