package config

import (
	"encoding"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// set converts raw, which is a text from the environment or whatever YAML made
// of a value, to the field's type and stores it. On an error the field keeps
// what it had, and the error says what was found and what is wanted.
func (f field) set(raw any) error {
	if f.isList() {
		return f.setList(raw)
	}
	return f.setScalar(f.value, raw)
}

// setList takes a list, or one value as a list of one. A text is split at
// commas, as the environment has no other way to write a list. The single word
// none is the empty list.
func (f field) setList(raw any) error {
	elements, isList := raw.([]any)
	if text, isText := raw.(string); isText {
		elements, isList = splitList(text), true
	}
	if !isList {
		elements = []any{raw}
	}
	if len(elements) == 1 && isNone(elements[0]) {
		elements = nil
	}
	list := reflect.MakeSlice(f.value.Type(), len(elements), len(elements))
	for i, element := range elements {
		if err := f.setScalar(list.Index(i), element); err != nil {
			return err
		}
	}
	f.value.Set(list)
	return nil
}

// isNone also takes false for the empty list: that is what smtp.tls.acme was before it was a list.
func isNone(raw any) bool {
	if raw == false {
		return true
	}
	text, isText := raw.(string)
	return isText && strings.EqualFold(strings.TrimSpace(text), "none")
}

func splitList(text string) []any {
	var elements []any
	for element := range strings.SplitSeq(text, ",") {
		if element = strings.TrimSpace(element); element != "" {
			elements = append(elements, element)
		}
	}
	return elements
}

// setScalar stores raw in target, which is the field's value or an element of
// its list.
func (f field) setScalar(target reflect.Value, raw any) error {
	text, isText := scalarText(raw)
	if !isText {
		return notScalar(raw)
	}
	var err error
	switch into := target.Addr().Interface().(type) {
	case *netip.Prefix:
		*into, err = prefix(text)
	case encoding.TextUnmarshaler:
		err = into.UnmarshalText([]byte(text))
	case *int:
		*into, err = wholeNumber(text)
	case *bool:
		*into, err = yesOrNo(text)
	default:
		return f.setText(target, raw, text)
	}
	if err != nil {
		return fmt.Errorf("%s %w", quote(text), err)
	}
	return f.withinBounds(target)
}

// setText stores a text in the form that the field's tags ask for.
func (f field) setText(target reflect.Value, raw any, text string) error {
	if choices := f.choices(); choices != nil {
		if !slices.Contains(choices, text) {
			return fmt.Errorf("%s is not one of %s", quote(text), strings.Join(choices, ", "))
		}
		target.SetString(text)
		return nil
	}
	if truth, isBool := raw.(bool); isBool {
		return fmt.Errorf("%t is not a text; put it in quotes if it is meant as one", truth)
	}
	text = strings.TrimSpace(text)
	if f.tag.Get("empty") != "" && (text == "" || isNone(text)) {
		target.SetString("")
		return nil
	}
	shaped, err := form(f.tag.Get("is"), text)
	if err != nil && f.isSecret() {
		return err
	}
	if err != nil {
		return fmt.Errorf("%s %w", quote(text), err)
	}
	target.SetString(shaped)
	return nil
}

// scalarText writes a YAML scalar as the text it was, so that files and the
// environment go the same way. It reports false for anything else.
func scalarText(raw any) (string, bool) {
	switch value := raw.(type) {
	case string:
		return value, true
	case bool, int, int64, uint64, float64:
		return fmt.Sprint(value), true
	}
	return "", false
}

func notScalar(raw any) error {
	switch raw.(type) {
	case nil:
		return errors.New("an empty value stands where a text is wanted")
	case []any:
		return errors.New("a list stands where one value is wanted")
	case map[string]any:
		return errors.New("a section stands where one value is wanted")
	}
	return fmt.Errorf("%v is not a text; put it in quotes if it is meant as one", raw)
}

func wholeNumber(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errors.New("is not a whole number")
	}
	return n, nil
}

func yesOrNo(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	}
	return false, errors.New("is not true or false")
}

// withinBounds compares a number, size or duration with the tags min and max.
func (f field) withinBounds(target reflect.Value) error {
	if least, isSet := f.bound("min", target); isSet && target.Int() < least.Int() {
		return fmt.Errorf("%v is too little; the least is %v", target.Interface(), least.Interface())
	}
	if most, isSet := f.bound("max", target); isSet && target.Int() > most.Int() {
		return fmt.Errorf("%v is too much; the most is %v", target.Interface(), most.Interface())
	}
	return nil
}

// bound reads a bound in the type of the value it bounds. That every tag can be
// read is a test's business.
func (f field) bound(tag string, like reflect.Value) (reflect.Value, bool) {
	text, isSet := f.tag.Lookup(tag)
	if !isSet {
		return reflect.Value{}, false
	}
	limit := reflect.New(like.Type()).Elem()
	return limit, field{}.setScalar(limit, text) == nil
}

func quote(text string) string {
	const longest = 80
	if len(text) > longest {
		return strconv.Quote(text[:longest]) + "..."
	}
	return strconv.Quote(text)
}
