package intake

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// Format is a kind of file that is taken.
type Format struct {
	Type   string // its media type
	Word   string // as people call it: "PDF"
	Ending string // of its name, without the dot
	Inline bool   // browsers show it themselves, in a sandbox

	says    string // how a sentence about it begins
	most    int    // bytes
	endings []string
	check   func([]byte) error // of a document; nil: it is a picture
	heads   []string           // how its bytes begin
}

// formats are all that is taken.
func formats() []Format {
	document := func(f Format) Format {
		f.most, f.endings = MostFile, []string{f.Ending}
		return f
	}
	picture := func(f Format) Format {
		f.most, f.says, f.Inline = MostPicture, "A picture", true
		return f
	}
	return []Format{
		document(Format{Type: "application/pdf", Word: "PDF", Ending: "pdf", Inline: true, says: "A PDF", heads: []string{"%PDF-"}, check: checkPDF}),
		document(Format{Type: wordType, Word: "Word", Ending: "docx", says: "A Word file", check: wholeArchive}),
		document(Format{Type: excelType, Word: "Excel", Ending: "xlsx", says: "An Excel file", check: wholeArchive}),
		picture(Format{Type: "image/jpeg", Word: "JPEG", Ending: "jpg", heads: []string{"\xff\xd8\xff"}}),
		picture(Format{Type: "image/png", Word: "PNG", Ending: "png", heads: []string{"\x89PNG\r\n\x1a\n"}}),
		picture(Format{Type: "image/gif", Word: "GIF", Ending: "gif", heads: []string{"GIF87a", "GIF89a"}}),
		picture(Format{Type: "image/webp", Word: "WebP", Ending: "webp"}),
	}
}

const (
	wordType  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	excelType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// FormatOf is the format of a stored media type.
func FormatOf(mediaType string) Format {
	for _, f := range formats() {
		if f.Type == mediaType {
			return f
		}
	}
	return Format{Type: "application/octet-stream", Word: "File", Ending: "bin"}
}

// Endings are those of all names that can be chosen, for a file field.
func Endings() string {
	var all []string
	for _, f := range formats() {
		all = append(all, "."+f.Ending)
	}
	return strings.Join(append(all, ".jpeg"), ",")
}

// formatOf finds out what a file is by its bytes alone.
func formatOf(file []byte) (Format, error) {
	if len(file) == 0 {
		return Format{}, refuse("This file is empty. Choose it again; if that does not help, open it and save it anew.")
	}
	for _, f := range formats() {
		if slices.ContainsFunc(f.heads, func(head string) bool { return bytes.HasPrefix(file, []byte(head)) }) {
			return f, nil
		}
	}
	switch {
	case bytes.HasPrefix(file, []byte("RIFF")) && len(file) > 12 && string(file[8:12]) == "WEBP":
		return FormatOf("image/webp"), nil
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return officeFormat(file)
	}
	return Format{}, stranger(file)
}

// stranger says what to do with a file of a kind that is not taken.
func stranger(file []byte) error {
	head := file[:min(len(file), 1024)]
	switch {
	case bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return oldOffice(file)
	case len(head) > 12 && string(head[4:8]) == "ftyp" && slices.Contains(phonePictures, string(head[8:12])):
		return refuse("This is a HEIC or AVIF picture, as newer phones take them. Many devices cannot show it. Save it as JPEG and choose that file; on an iPhone, “Most Compatible” under Settings, Camera, Formats takes JPEG from then on.")
	case bytes.Contains(bytes.ToLower(head), []byte("<svg")):
		return refuse("This is an SVG drawing, which can hold programs. Save it as PNG and choose that file.")
	case bytes.HasPrefix(file, []byte("BM")), bytes.HasPrefix(file, []byte("II*\x00")), bytes.HasPrefix(file, []byte("MM\x00*")):
		return refuse("This picture is of a kind that browsers do not show. Save it as JPEG or PNG and choose that file.")
	case bytes.Contains(head, []byte("%PDF-")):
		return refuse("This looks like a PDF with something in front of it. Open it, save it as PDF anew, and choose that file.")
	}
	return refuse("Files of this kind are not taken, whatever the name says. Choose a PDF, a Word file (.docx), an Excel file (.xlsx) or a picture (JPEG, PNG, GIF, WebP). Most programs can save as PDF.")
}

var phonePictures = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"}

// misnamed tells when a document's name says that it is something else.
func (f Format) misnamed(name string) string {
	ending := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	if ending == "" || slices.Contains(f.endings, ending) {
		return ""
	}
	return "Its name ends in ." + ending + ", but it is a " + f.Word + " file. Readers get it as ." + f.Ending + "."
}

// checkPDF looks whether a PDF is there to its end (ISO 32000-2, 7.5.5; readers
// look for its last line among the last 1024 bytes, so does this).
func checkPDF(file []byte) error {
	if len(file) < 8 || file[5] < '1' || file[5] > '2' || file[6] != '.' || !endsWith(file, "%%EOF", 1024) || !endsWith(file, "startxref", 2048) {
		return refuse("This PDF is broken or cut off. Open it; if it looks right, save it as PDF anew and choose that file.")
	}
	return nil
}
