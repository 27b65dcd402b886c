<?xml version="1.0" encoding="UTF-8"?>
<!-- Shows responses of the OAI-PMH provider to people: sets, formats, records and pages of lists are links. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:oai="http://www.openarchives.org/OAI/2.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
    xmlns:id="http://www.openarchives.org/OAI/2.0/oai-identifier"
    xmlns:friends="http://www.openarchives.org/OAI/2.0/friends/"
    xmlns:branding="http://www.openarchives.org/OAI/2.0/branding/"
    exclude-result-prefixes="oai dc oai_dc id friends branding">
  <xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat"/>

  <xsl:variable name="base" select="/oai:OAI-PMH/oai:request"/>
  <xsl:variable name="verb" select="/oai:OAI-PMH/oai:request/@verb"/>
  <xsl:variable name="prefix">
    <xsl:choose>
      <xsl:when test="/oai:OAI-PMH/oai:request/@metadataPrefix">
        <xsl:value-of select="/oai:OAI-PMH/oai:request/@metadataPrefix"/>
      </xsl:when>
      <xsl:otherwise>oai_dc</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>

  <xsl:template match="/oai:OAI-PMH">
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="robots" content="noindex"/>
        <title>OAI-PMH<xsl:if test="$verb">: <xsl:value-of select="$verb"/></xsl:if></title>
        <link rel="stylesheet" href="/oai/style.css"/>
      </head>
      <body>
        <header>
          <p class="name">OAI-PMH 2.0</p>
          <nav aria-label="Verbs">
            <xsl:call-template name="verb"><xsl:with-param name="name">Identify</xsl:with-param></xsl:call-template>
            <xsl:call-template name="verb"><xsl:with-param name="name">ListSets</xsl:with-param></xsl:call-template>
            <xsl:call-template name="verb">
              <xsl:with-param name="name">ListMetadataFormats</xsl:with-param>
            </xsl:call-template>
            <xsl:call-template name="verb">
              <xsl:with-param name="name">ListIdentifiers</xsl:with-param>
              <xsl:with-param name="more">&amp;metadataPrefix=<xsl:value-of select="$prefix"/></xsl:with-param>
            </xsl:call-template>
            <xsl:call-template name="verb">
              <xsl:with-param name="name">ListRecords</xsl:with-param>
              <xsl:with-param name="more">&amp;metadataPrefix=<xsl:value-of select="$prefix"/></xsl:with-param>
            </xsl:call-template>
          </nav>
        </header>
        <main>
          <h1>
            <xsl:choose>
              <xsl:when test="oai:error">Error</xsl:when>
              <xsl:when test="$verb"><xsl:value-of select="$verb"/></xsl:when>
            </xsl:choose>
          </h1>
          <p class="about">
            This is the answer to a harvester, as <xsl:value-of select="$base"/> gave it at
            <time><xsl:value-of select="oai:responseDate"/></time>.
          </p>
          <xsl:if test="oai:request/@*[name() != 'verb']">
            <dl class="arguments">
              <xsl:for-each select="oai:request/@*[name() != 'verb']">
                <dt><xsl:value-of select="name()"/></dt>
                <dd><xsl:value-of select="."/></dd>
              </xsl:for-each>
            </dl>
          </xsl:if>
          <xsl:apply-templates select="*[not(self::oai:responseDate or self::oai:request)]"/>
        </main>
      </body>
    </html>
  </xsl:template>

  <xsl:template name="verb">
    <xsl:param name="name"/>
    <xsl:param name="more"/>
    <a href="{$base}?verb={$name}{$more}">
      <xsl:if test="$verb = $name"><xsl:attribute name="aria-current">page</xsl:attribute></xsl:if>
      <xsl:value-of select="$name"/>
    </a>
  </xsl:template>

  <xsl:template match="oai:error">
    <p class="error"><strong><xsl:value-of select="@code"/></strong><xsl:text> </xsl:text><xsl:value-of select="."/></p>
  </xsl:template>

  <xsl:template match="oai:Identify">
    <dl class="facts">
      <xsl:for-each select="*[not(self::oai:description)]">
        <dt><xsl:value-of select="local-name()"/></dt>
        <dd><xsl:value-of select="."/></dd>
      </xsl:for-each>
    </dl>
    <xsl:for-each select="oai:description/*">
      <h2><xsl:value-of select="local-name()"/></h2>
      <dl class="facts">
        <xsl:for-each select=".//*[not(*)]">
          <dt><xsl:value-of select="local-name()"/></dt>
          <dd>
            <xsl:choose>
              <xsl:when test="parent::friends:friends">
                <a href="{.}?verb=Identify"><xsl:value-of select="."/></a>
              </xsl:when>
              <xsl:when test="self::id:sampleIdentifier"><code><xsl:value-of select="."/></code></xsl:when>
              <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
            </xsl:choose>
          </dd>
        </xsl:for-each>
      </dl>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="oai:ListSets">
    <table>
      <thead><tr><th scope="col">Set</th><th scope="col">Name</th><th scope="col">Contains</th><th scope="col">List</th></tr></thead>
      <tbody>
        <xsl:for-each select="oai:set">
          <tr>
            <td><code><xsl:value-of select="oai:setSpec"/></code></td>
            <td><xsl:value-of select="oai:setName"/></td>
            <td><xsl:value-of select="oai:setDescription//dc:description"/></td>
            <td>
              <a href="{$base}?verb=ListRecords&amp;metadataPrefix=oai_dc&amp;set={oai:setSpec}">records</a>,
              <a href="{$base}?verb=ListIdentifiers&amp;metadataPrefix=oai_dc&amp;set={oai:setSpec}">identifiers</a>
            </td>
          </tr>
        </xsl:for-each>
      </tbody>
    </table>
    <xsl:apply-templates select="oai:resumptionToken"/>
  </xsl:template>

  <xsl:template match="oai:ListMetadataFormats">
    <xsl:variable name="identifier" select="/oai:OAI-PMH/oai:request/@identifier"/>
    <table>
      <thead><tr><th scope="col">Prefix</th><th scope="col">Namespace</th><th scope="col">Schema</th><th scope="col">See</th></tr></thead>
      <tbody>
        <xsl:for-each select="oai:metadataFormat">
          <tr>
            <td><code><xsl:value-of select="oai:metadataPrefix"/></code></td>
            <td><xsl:value-of select="oai:metadataNamespace"/></td>
            <td><a href="{oai:schema}"><xsl:value-of select="oai:schema"/></a></td>
            <td>
              <xsl:choose>
                <xsl:when test="$identifier">
                  <a href="{$base}?verb=GetRecord&amp;metadataPrefix={oai:metadataPrefix}&amp;identifier={$identifier}">record</a>
                </xsl:when>
                <xsl:otherwise>
                  <a href="{$base}?verb=ListRecords&amp;metadataPrefix={oai:metadataPrefix}">records</a>
                </xsl:otherwise>
              </xsl:choose>
            </td>
          </tr>
        </xsl:for-each>
      </tbody>
    </table>
  </xsl:template>

  <xsl:template match="oai:ListIdentifiers">
    <xsl:apply-templates select="oai:resumptionToken" mode="where"/>
    <xsl:apply-templates select="oai:header"/>
    <xsl:apply-templates select="oai:resumptionToken"/>
  </xsl:template>

  <xsl:template match="oai:ListRecords | oai:GetRecord">
    <xsl:apply-templates select="oai:resumptionToken" mode="where"/>
    <xsl:for-each select="oai:record">
      <article>
        <xsl:apply-templates select="oai:header"/>
        <xsl:apply-templates select="oai:metadata"/>
        <xsl:for-each select="oai:about">
          <details><summary>about: <xsl:value-of select="local-name(*)"/></summary>
            <pre><xsl:apply-templates select="*" mode="source"/></pre>
          </details>
        </xsl:for-each>
      </article>
    </xsl:for-each>
    <xsl:apply-templates select="oai:resumptionToken"/>
  </xsl:template>

  <xsl:template match="oai:header">
    <div class="header">
      <p>
        <code><xsl:value-of select="oai:identifier"/></code>
        <xsl:if test="@status = 'deleted'"><xsl:text> </xsl:text><strong class="deleted">deleted</strong></xsl:if>
      </p>
      <p>
        <time><xsl:value-of select="oai:datestamp"/></time> ·
        <a href="{$base}?verb=GetRecord&amp;metadataPrefix={$prefix}&amp;identifier={oai:identifier}">record</a>
        <xsl:if test="not(@status = 'deleted')"> ·
          <a href="{$base}?verb=ListMetadataFormats&amp;identifier={oai:identifier}">formats</a>
        </xsl:if>
        <xsl:for-each select="oai:setSpec">
          <xsl:text> </xsl:text>
          <a class="set" href="{$base}?verb=ListRecords&amp;metadataPrefix={$prefix}&amp;set={.}"><xsl:value-of select="."/></a>
        </xsl:for-each>
      </p>
    </div>
  </xsl:template>

  <xsl:template match="oai:metadata[oai_dc:dc]">
    <dl class="facts">
      <xsl:for-each select="oai_dc:dc/*">
        <dt><xsl:value-of select="local-name()"/></dt>
        <dd>
          <xsl:choose>
            <xsl:when test="starts-with(., 'https://') and not(contains(., ' '))">
              <a href="{.}"><xsl:value-of select="."/></a>
            </xsl:when>
            <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
          </xsl:choose>
        </dd>
      </xsl:for-each>
    </dl>
  </xsl:template>

  <xsl:template match="oai:metadata">
    <pre><xsl:apply-templates select="*" mode="source"/></pre>
  </xsl:template>

  <xsl:template match="oai:resumptionToken" mode="where">
    <p>
      <xsl:value-of select="@cursor + 1"/> to
      <xsl:value-of select="@cursor + count(../oai:record | ../oai:header)"/> of
      <xsl:value-of select="@completeListSize"/>
    </p>
  </xsl:template>

  <xsl:template match="oai:resumptionToken">
    <xsl:if test="text()">
      <p class="next">
        <a rel="next" href="{$base}?verb={$verb}&amp;resumptionToken={.}">Next page</a>
        <xsl:if test="@expirationDate"> (until <time><xsl:value-of select="@expirationDate"/></time>)</xsl:if>
      </p>
    </xsl:if>
  </xsl:template>

  <!-- XML as text, indented. -->
  <xsl:template match="*" mode="source">
    <xsl:param name="indent"/>
    <xsl:value-of select="$indent"/>
    <span class="tag">&lt;<xsl:value-of select="name()"/></span>
    <xsl:for-each select="namespace::*[name() != 'xml' and not(. = ../../namespace::*)]">
      <span class="attribute">
        <xsl:text> xmlns</xsl:text><xsl:if test="name()">:<xsl:value-of select="name()"/></xsl:if>
        <xsl:text>="</xsl:text><xsl:value-of select="."/><xsl:text>"</xsl:text>
      </span>
    </xsl:for-each>
    <xsl:for-each select="@*">
      <span class="attribute"><xsl:text> </xsl:text><xsl:value-of select="name()"/>="<xsl:value-of select="."/>"</span>
    </xsl:for-each>
    <xsl:choose>
      <xsl:when test="*">
        <span class="tag">&gt;</span><xsl:text>&#10;</xsl:text>
        <xsl:apply-templates select="*" mode="source">
          <xsl:with-param name="indent" select="concat($indent, '  ')"/>
        </xsl:apply-templates>
        <xsl:value-of select="$indent"/><span class="tag">&lt;/<xsl:value-of select="name()"/>&gt;</span>
      </xsl:when>
      <xsl:when test="text()">
        <span class="tag">&gt;</span><xsl:value-of select="."/><span class="tag">&lt;/<xsl:value-of select="name()"/>&gt;</span>
      </xsl:when>
      <xsl:otherwise><span class="tag">/&gt;</span></xsl:otherwise>
    </xsl:choose>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>
</xsl:stylesheet>
