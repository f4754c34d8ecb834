package config

import (
	"errors"
	"maps"
	"os"
	"slices"
)

// Options says where Load looks. The zero value is what a server uses that was
// started without flags.
type Options struct {
	File      string            // --config; it must exist. "" searches BLINDCOPY_CONFIG, Dir, SystemDir
	Overrides map[string]string // from flags, by full key; a list is separated by commas
	Environ   []string          // KEY=value; nil is the process's own
	Dir       string            // of ./blindcopy.yaml; "" is the working directory
	SystemDir string            // "" is /etc/blindcopy
}

// layer is one of the places that settings come from.
type layer struct {
	source Source
	values map[string]any
	where  map[string]string // by key, for people: the file, the variable
}

func newLayer(source Source) layer {
	return layer{source, map[string]any{}, map[string]string{}}
}

func (l layer) put(key, where string, value any) {
	l.values[key], l.where[key] = value, where
}

// Load reads the configuration: flags over environment over file over defaults.
// Its error holds one *Error, a sentence, for each thing that is wrong.
func Load(opts Options) (*Config, error) {
	if opts.Environ == nil {
		opts.Environ = os.Environ()
	}
	c := Defaults()
	file, path, fileErr := readFile(opts)
	environ, environErr := readEnviron(c, opts.Environ)
	c.file = path

	err := errors.Join(fileErr, environErr, c.apply(file, environ, flags(opts.Overrides)))
	if err == nil {
		err = c.validate()
	}
	if err != nil {
		return nil, err
	}
	if c.SMTP.Hostname == "" {
		c.SMTP.Hostname = machineName()
	}
	return c, nil
}

// apply sets what the layers hold, the strongest last, and notes the sources.
// A value that a stronger layer hides is checked all the same.
func (c *Config) apply(layers ...layer) error {
	c.sources = map[string]Source{}
	known := map[string]field{}
	var names []string
	for _, f := range fields(c) {
		for _, key := range f.keys() {
			known[key] = f
			names = append(names, key)
		}
	}
	var errs []error
	for _, from := range layers {
		for _, key := range slices.Sorted(maps.Keys(from.values)) {
			f, isKnown := known[key]
			if !isKnown {
				errs = append(errs, unknownKey(key, from.where[key], names))
				continue
			}
			if err := f.setFrom(from, key); err != nil {
				errs = append(errs, &Error{key, from.where[key], err.Error()})
				continue
			}
			c.sources[f.key] = from.source
		}
	}
	return errors.Join(errs...)
}

func flags(overrides map[string]string) layer {
	l := newLayer(FromFlag)
	for key, value := range overrides {
		l.put(key, "command line", value)
	}
	return l
}

// machineName is the name of this machine, "localhost" if it has none that can
// stand in a greeting.
func machineName() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	name, err = domain(name)
	if err != nil {
		return "localhost"
	}
	return name
}
