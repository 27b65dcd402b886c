#!/usr/bin/perl
# Harvests with HTTP::OAI: harvest.pl URL formats | harvest.pl URL PREFIX [FROM]
# One line a format, or for each record: identifier, datestamp, 1 if deleted, 1 if it has metadata; tabs between.
use strict;
use warnings;
use HTTP::OAI;

my ($url, $prefix, $from) = @ARGV;
my $harvester = HTTP::OAI::Harvester->new(baseURL => $url);
my $identify = $harvester->Identify;
die $identify->message if $identify->is_error;

if ($prefix eq "formats") {
    my $formats = $harvester->ListMetadataFormats;
    die $formats->message if $formats->is_error;
    print $_->metadataPrefix, "\n" for $formats->metadataFormat;
    exit;
}
# It follows the tokens by itself, and then has only the last page's records left.
my $records = $harvester->ListRecords(
    metadataPrefix => $prefix,
    ($from ? (from => $from) : ()),
    onRecord => sub {
        my $record = shift;
        my $metadata = $record->metadata;
        print join("\t", $record->identifier, $record->datestamp,
            $record->is_deleted ? 1 : 0, $metadata && $metadata->dom ? 1 : 0), "\n";
    },
);
die $records->message if $records->is_error;
