package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/viper"
)

const (
	fileName  = "blindcopy.yaml"
	systemDir = "/etc/blindcopy"

	// maxFile bounds what is read of a configuration file, in bytes.
	maxFile = 1 << 20

	// keyDelimiter stands between the names of a path inside viper. It is no
	// dot, so that a dotted name in a file (smtp.listen: ...) stays one name.
	keyDelimiter = "\x00"
)

// readFile finds and reads the configuration file and returns its path. Having
// none is no error, unless one was asked for.
func readFile(opts Options) (layer, string, error) {
	asked := opts.File
	if asked == "" {
		asked = environFile(opts.Environ)
	}
	if asked != "" {
		content, err := readBounded(asked, maxFile)
		if err != nil {
			return layer{}, asked, &Error{Where: asked, Reason: plain(err)}
		}
		l, err := parseFile(asked, content)
		return l, asked, err
	}
	for _, path := range searched(opts) {
		content, err := readBounded(path, maxFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return layer{}, path, &Error{Where: path, Reason: plain(err)}
		}
		l, err := parseFile(path, content)
		return l, path, err
	}
	return layer{}, "", nil
}

// searched lists the files that are tried if none was asked for. The first that
// exists is the only one read.
func searched(opts Options) []string {
	system := opts.SystemDir
	if system == "" {
		system = systemDir
	}
	return []string{filepath.Join(opts.Dir, fileName), filepath.Join(system, fileName)}
}

// readBounded reads a file of at most so many bytes.
func readBounded(path string, most int) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(content) > most {
		err = fmt.Errorf("is larger than %v and so not what is looked for", Size(most))
	}
	return string(content), err
}

// plain drops the operation and the path that an error of a file repeats.
func plain(err error) string {
	if pathErr, isPath := errors.AsType[*fs.PathError](err); isPath {
		return "cannot be read: " + pathErr.Err.Error()
	}
	return err.Error()
}

// parseFile flattens YAML to dotted keys. Viper lower-cases them.
func parseFile(path, content string) (layer, error) {
	if line := secondDocument(content); line > 0 {
		return layer{}, &Error{Where: path, Reason: fmt.Sprintf("line %d: a second YAML document starts here; only one is read", line)}
	}
	v := viper.NewWithOptions(viper.KeyDelimiter(keyDelimiter))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(strings.NewReader(content)); err != nil {
		return layer{}, syntaxError(path, err)
	}
	l := newLayer(FromFile)
	for _, name := range v.AllKeys() {
		value := v.Get(name)
		if value == nil { // `smtp:` with all of it commented out
			continue
		}
		key := strings.ReplaceAll(name, keyDelimiter, ".")
		if _, twice := l.values[key]; twice {
			return layer{}, &Error{key, path, "is set twice, by its dotted name and inside its section"}
		}
		l.put(key, path, value)
	}
	return l, nil
}

// secondDocument returns the line on which a second YAML document begins, 0 if
// none does. Viper reads the first alone, so the settings of another would
// silently not hold.
func secondDocument(content string) int {
	begun := false
	n := 0
	for line := range strings.Lines(content) {
		n++
		isMark := strings.HasPrefix(line, "---")
		if isMark && begun {
			return n
		}
		text := strings.TrimSpace(line)
		begun = begun || isMark || text != "" && text[0] != '#' && text[0] != '%'
	}
	return 0
}

// yamlError takes apart what viper passes on: "While parsing config: yaml: line
// 3: did not ..." or, over two lines, "yaml: unmarshal errors:\n line 3: ...".
var yamlError = regexp.MustCompile(`(?s)^.*?yaml: (?:unmarshal errors:\s+)?(?:line (\d+): )?([^\n]*)`)

// notMapping is how the YAML library names a file that is no list of settings.
var notMapping = regexp.MustCompile(`^cannot unmarshal .* into map`)

// syntaxError says in one sentence on which line the file is not YAML.
func syntaxError(path string, err error) *Error {
	parts := yamlError.FindStringSubmatch(err.Error())
	if parts == nil {
		return &Error{Where: path, Reason: "is not YAML: " + err.Error()}
	}
	line, reason := parts[1], parts[2]
	switch {
	case notMapping.MatchString(reason):
		reason = "a list of `key: value` lines is wanted"
	case strings.Contains(reason, "tab character"), strings.Contains(reason, "cannot start any token"):
		reason += " (YAML is indented with spaces)"
	}
	if line == "" && isSyntax(reason) {
		line = "1" // the library leaves out the number of the first line
	}
	if line == "" {
		return &Error{Where: path, Reason: reason}
	}
	return &Error{Where: path, Reason: "line " + line + ": " + reason}
}

// isSyntax tells a fault found on a line from one of encoding or of anchors.
func isSyntax(reason string) bool {
	for _, start := range []string{"found ", "did not find ", "could not find ", "mapping ", "block "} {
		if strings.HasPrefix(reason, start) {
			return true
		}
	}
	return false
}
