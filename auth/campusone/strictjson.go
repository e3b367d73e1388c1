package campusone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// depthLimit bounds how deep an answer may nest; ours nest two deep.
const depthLimit = 16

var (
	errNotJSON  = errors.New("campusone: not a JSON object")
	errRepeated = errors.New("campusone: a name is repeated")
	errTooDeep  = errors.New("campusone: nested too deep")
)

// object is a decoded JSON object. Its values are nil, bool, string,
// json.Number, []any and object.
type object map[string]any

// parseObject decodes one JSON object and nothing after it. Names keep their
// case, and a name that comes twice in any object is an error: two readers of
// one text must not see two people.
func parseObject(text []byte) (object, error) {
	v, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, errNotJSON
	}
	return o, nil
}

// parseJSON decodes one JSON value under parseObject's rules. Text that is not
// UTF-8 is refused, since the decoder would make unequal names equal.
func parseJSON(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errNotJSON
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return v, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotJSON, err)
	}
	delim, ok := token.(json.Delim)
	switch {
	case !ok:
		return token, nil
	case depth >= depthLimit:
		return nil, errTooDeep
	case delim == '{':
		return readObject(d, depth)
	}
	return readArray(d, depth)
}

func readObject(d *json.Decoder, depth int) (any, error) {
	o := object{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNotJSON, err)
		}
		name, ok := token.(string)
		if !ok {
			return nil, errNotJSON
		}
		if _, twice := o[name]; twice {
			return nil, errRepeated
		}
		if o[name], err = readValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	return o, closing(d)
}

func readArray(d *json.Decoder, depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := readValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("%w: %w", errNotJSON, err)
	}
	return nil
}

// str is the string under a name; absent, null and other types are not ok.
func (o object) str(name string) (string, bool) {
	s, ok := o[name].(string)
	return s, ok
}

// strs is the strings of an array, or a lone string as a list of one.
func (o object) strs(name string) []string {
	switch v := o[name].(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}

// flag is true only for the JSON value true.
func (o object) flag(name string) bool {
	b, _ := o[name].(bool)
	return b
}
