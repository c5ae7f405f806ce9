// Validates PDF files against profiles with veraPDF's engine. Reads lines "PROFILE,PROFILE<tab>FILE" from standard input and
// writes a line for each file and profile: "pass<tab>PROFILE<tab>FILE", or "fail" or "error" with what is wrong, one line
// for each rule, in a fourth field. Exit status 1 when anything fails or nothing was asked.

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.core.VeraPDFException;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class VeraPdf {
    /** What the engine says aside is about its own ways of reading; findings come as assertions. */
    private static final Logger ROOT = Logger.getLogger("");

    public static void main(String[] arguments) throws IOException {
        ROOT.setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        int asked = 0;
        int passed = 0;
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.split("\t", 2);
            for (String profile : fields[0].split(",")) {
                asked++;
                if (validate(profile, fields[1])) {
                    passed++;
                }
            }
        }
        System.exit(asked > 0 && passed == asked ? 0 : 1);
    }

    private static boolean validate(String profile, String file) {
        PDFAFlavour flavour = PDFAFlavour.fromString(profile);
        if (flavour == PDFAFlavour.NO_FLAVOUR) {
            report("error", profile, file, "no such profile");
            return false;
        }
        try (var bytes = new FileInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(bytes, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            if (result.isCompliant() && result.getTotalAssertions() > 0) {
                report("pass", profile, file);
                return true;
            }
            for (var finding : findings(result).entrySet()) {
                report("fail", profile, file, finding.getKey() + ": " + finding.getValue());
            }
        } catch (IOException | VeraPDFException | RuntimeException error) {
            report("error", profile, file, error.toString());
        }
        return false;
    }

    /** The first finding of each rule that fails. */
    private static Map<String, String> findings(ValidationResult result) {
        var findings = new TreeMap<String, String>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                var rule = assertion.getRuleId();
                findings.putIfAbsent(
                        rule.getClause() + "-" + rule.getTestNumber(),
                        assertion.getMessage() + " (" + assertion.getLocation().getContext() + ")");
            }
        }
        if (findings.isEmpty()) {
            findings.put("0", "nothing was checked");
        }
        return findings;
    }

    private static void report(String... fields) {
        for (int field = 0; field < fields.length; field++) {
            fields[field] = fields[field].replaceAll("\\s+", " ");
        }
        System.out.println(String.join("\t", fields));
    }
}
