package timetable

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// MostBytes is how large a file may be.
const MostBytes = 256 << 10

// Unreadable says to people why a file is no timetable at all, and what to do.
type Unreadable string

func (u Unreadable) Error() string { return string(u) }

// notText are files that people choose by mistake, known by their beginning.
var notText = []struct{ start, say string }{
	{"PK\x03\x04", "This is a workbook, not a CSV file. In Excel or LibreOffice choose File, Save as, and the type “CSV UTF-8”; in Google Sheets choose File, Download, “Comma-separated values”."},
	{"\xd0\xcf\x11\xe0", "This is an old Excel workbook, not a CSV file. Open it, choose File, Save as, and the type “CSV UTF-8”."},
	{"%PDF", "This is a PDF. Its table cannot be read; ask for the table that it was made from and save that as CSV."},
	{"{\\rtf", "This is a text document. Put the table into Excel or Google Sheets and save it as CSV."},
	{"\x89PNG", "This is a picture. Type the table into Excel or Google Sheets and save it as CSV."},
	{"\xff\xd8\xff", "This is a picture. Type the table into Excel or Google Sheets and save it as CSV."},
}

// Text is what a file says, whichever way it was saved: as UTF-8, with or
// without its mark, as UTF-16, or in the Windows alphabet of old Excel. Lines
// end in "\n".
func Text(file []byte) (string, error) {
	if len(file) > MostBytes {
		return "", Unreadable("The file is larger than 256 kB. A semester's timetable is not; take out what does not belong to it, or send it in two parts.")
	}
	for _, n := range notText {
		if bytes.HasPrefix(file, []byte(n.start)) {
			return "", Unreadable(n.say)
		}
	}
	text, err := decode(file)
	if err != nil {
		return "", err
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n").Replace(strings.TrimPrefix(text, "\ufeff"))
	if start := strings.ToLower(strings.TrimSpace(text[:min(len(text), 200)])); strings.HasPrefix(start, "<!doctype") || strings.HasPrefix(start, "<html") || strings.HasPrefix(start, "<?xml") {
		return "", Unreadable("This is a web page, not a CSV file. Download the table itself: in Google Sheets choose File, Download, “Comma-separated values”.")
	}
	if strings.ContainsRune(text, 0) {
		return "", errNotText
	}
	return text, nil
}

var errNotText = Unreadable("This file holds no text that can be read. In Excel choose File, Save as, and the type “CSV UTF-8”.")

func decode(file []byte) (string, error) {
	switch {
	case bytes.HasPrefix(file, []byte{0xff, 0xfe}), bytes.HasPrefix(file, []byte{0xfe, 0xff}):
		return decoded(unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), file)
	case looksWide(file, 1):
		return decoded(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), file)
	case looksWide(file, 0):
		return decoded(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), file)
	case utf8.Valid(file):
		return string(file), nil
	case bytes.IndexByte(file, 0) >= 0:
		return "", errNotText
	}
	return decoded(charmap.Windows1252, file)
}

// looksWide says whether every other byte of the beginning is zero, as in
// UTF-16 without its mark.
func looksWide(file []byte, zero int) bool {
	start := file[:min(len(file), 64)/2*2]
	for i := zero; i < len(start); i += 2 {
		if start[i] != 0 || start[i^1] == 0 {
			return false
		}
	}
	return len(start) > 0
}

func decoded(e encoding.Encoding, file []byte) (string, error) {
	text, err := e.NewDecoder().Bytes(file)
	if err != nil {
		return "", errors.Join(errNotText, err)
	}
	return string(text), nil
}
