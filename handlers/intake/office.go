package intake

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strings"
)

const (
	mostParts    = 4000
	mostUnpacked = 200 << 20
	mostTypes    = 1 << 20 // bytes of the list of content types
	longestName  = 255     // bytes of a part's name
)

// The content types of the part that makes a document what it is (ECMA-376,
// part 1, sections 11.3.10 and 12.3.23).
const (
	wordMain  = wordType + ".main+xml"
	excelMain = excelType + ".main+xml"
)

// contentTypes is the part [Content_Types].xml (ECMA-376, part 2, section 7.2.3).
type contentTypes struct {
	Default []struct {
		Extension   string `xml:"Extension,attr"`
		ContentType string `xml:"ContentType,attr"`
	}
	Override []struct {
		PartName    string `xml:"PartName,attr"`
		ContentType string `xml:"ContentType,attr"`
	}
}

var brokenOffice = Refusal("This Word or Excel file is broken or cut off. Open it, save it anew, and choose that file.")

// officeFormat finds out which document an archive is.
func officeFormat(file []byte) (Format, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return Format{}, brokenOffice
	}
	types, err := typesOf(z)
	if err != nil {
		return Format{}, err
	}
	names, err := namesIn(z)
	if err != nil {
		return Format{}, err
	}
	if types == nil {
		return Format{}, refuse("This is an archive (ZIP) or a file of a program whose files are not taken. Save it as PDF, or add the files in it one by one.")
	}
	if types.mention("macroenabled") || types.mention("vbaproject") || names.macros {
		return Format{}, refuse("This file holds macros, which are small programs and can do harm. Save it without them, as .docx or .xlsx, or as PDF, and choose that file.")
	}
	switch {
	case types.has(names, wordMain):
		return FormatOf(wordType), nil
	case types.has(names, excelMain):
		return FormatOf(excelType), nil
	}
	return Format{}, refuse("This is neither a Word document nor an Excel workbook, though it is packed like one; it may be slides or a template. Save it as PDF and choose that file.")
}

// typesOf reads an archive's list of content types; nil when it has none.
func typesOf(z *zip.Reader) (*contentTypes, error) {
	if len(z.File) > mostParts {
		return nil, tooMuchInside()
	}
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return nil, passwordFile()
		}
		if f.Name != "[Content_Types].xml" {
			continue
		}
		part, err := f.Open()
		if err != nil {
			return nil, brokenOffice
		}
		defer func() { _ = part.Close() }() // it was only read
		text, err := io.ReadAll(io.LimitReader(part, mostTypes+1))
		var types contentTypes
		if err != nil || len(text) > mostTypes || xml.Unmarshal(text, &types) != nil {
			return nil, brokenOffice
		}
		return &types, nil
	}
	return nil, nil
}

// mention says whether any content type has a word in it.
func (c *contentTypes) mention(word string) bool {
	for _, d := range c.Default {
		if strings.Contains(strings.ToLower(d.ContentType), word) {
			return true
		}
	}
	for _, o := range c.Override {
		if strings.Contains(strings.ToLower(o.ContentType), word) {
			return true
		}
	}
	return false
}

// names are those of an archive's parts. Whatever its list of content types
// asks, each is looked at once.
type names struct {
	whole, endings map[string]bool // in lower case
	macros         bool
}

func namesIn(z *zip.Reader) (names, error) {
	n := names{whole: map[string]bool{}, endings: map[string]bool{}}
	for _, f := range z.File {
		if len(f.Name) > longestName {
			return n, refuse("This file holds a part with a very long name, as Word and Excel do not make it. Open it, save it anew, and choose that file.")
		}
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
		n.whole[strings.TrimPrefix(name, "/")], n.endings[path.Ext(name)] = true, true
		n.macros = n.macros || strings.HasSuffix(name, "vbaproject.bin")
	}
	return n, nil
}

// has says whether the archive holds a part of a content type.
func (c *contentTypes) has(in names, contentType string) bool {
	for _, o := range c.Override {
		if strings.EqualFold(o.ContentType, contentType) && in.whole[strings.ToLower(strings.TrimPrefix(o.PartName, "/"))] {
			return true
		}
	}
	for _, d := range c.Default {
		if strings.EqualFold(d.ContentType, contentType) && in.endings["."+strings.ToLower(d.Extension)] {
			return true
		}
	}
	return false
}

// wholeArchive unpacks all parts, to nowhere, and finds out whether they are
// whole and not too much. What an archive says of its sizes is not believed.
func wholeArchive(file []byte) error {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return brokenOffice
	}
	left := int64(mostUnpacked)
	for _, f := range z.File {
		if f.UncompressedSize64 > uint64(left) {
			return tooMuchInside()
		}
		n, err := unpack(f, left)
		if left -= n; left <= 0 {
			return tooMuchInside()
		}
		if err != nil {
			return brokenOffice
		}
	}
	return nil
}

func unpack(f *zip.File, most int64) (int64, error) {
	part, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer func() { _ = part.Close() }() // it was only read
	return io.Copy(io.Discard, io.LimitReader(part, most))
}

func tooMuchInside() error {
	return refuse("This file unpacks to far more than such a file should hold. Save it as PDF and choose that file.")
}

func passwordFile() error {
	return refuse("This file is protected by a password, so readers could not open it. Take the password off, save it, and choose that file.")
}

// oldOffice tells what is the matter with a compound file: an office file
// behind a password, or one as they were before 2007 (MS-CFB; MS-OFFCRYPTO,
// section 2.3.4.4).
func oldOffice(file []byte) error {
	if bytes.Contains(file, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")) {
		return passwordFile()
	}
	return refuse("This is a file of an old Office program (.doc, .xls or .ppt), which can hold macros. Save it as .docx or .xlsx, or as PDF, and choose that file.")
}
