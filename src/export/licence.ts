// The licence of the code that stands in exported files.

/** The text of LICENSE. */
export const LICENCE = `MIT License

Copyright (c) 2026 the PudNet authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

/** What holds for a project, in which there is nothing of ours but the description. */
export const PROJECT_NOTE =
  "the pictures keep the licences that they came with; pudnet, which packed them, is MIT, (c) 2026 the PudNet authors";

/** What holds for a file with our code and somebody's weights. */
export const LICENCE_NOTE =
  "the code is MIT, (c) 2026 the PudNet authors; the weights come of the pictures that the classifier was made from, and of its hypernetwork";
